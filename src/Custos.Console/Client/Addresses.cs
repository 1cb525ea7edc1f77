using System.Globalization;
using Custos.Evidence;

namespace Custos.Console.Client;

/// <summary>An exhibit of one operation: a bare number is unique only inside one log.</summary>
/// <param name="Operation">The operation's slug.</param>
/// <param name="Number">Its leaf index in that operation's log.</param>
public readonly record struct ExhibitAddress(string Operation, ExhibitNumber Number)
{
    /// <summary>The page of this exhibit, relative to the console.</summary>
    public string Path => string.Create(CultureInfo.InvariantCulture, $"operations/{Operation}/exhibits/{Number}");

    /// <summary>As cited across operations: <c>operation/EX-00001234</c>.</summary>
    public override string ToString() => $"{Operation}/{Number}";
}

/// <summary>An alert of one operation.</summary>
/// <param name="Operation">The operation's slug.</param>
/// <param name="Id">Its id in that operation; letters, digits and <c>-</c>.</param>
public readonly record struct AlertAddress(string Operation, string Id)
{
    /// <summary>The page of this alert's conversation, relative to the console.</summary>
    public string Path => $"operations/{Operation}/alerts/{Id}";

    /// <inheritdoc/>
    public override string ToString() => $"{Operation}/{Id}";
}

/// <summary>Accounts that were proposed as one subject.</summary>
/// <param name="Operation">The operation's slug.</param>
/// <param name="Id">Its id in that operation; letters, digits and <c>-</c>.</param>
public readonly record struct ProposalAddress(string Operation, string Id)
{
    /// <summary>The page of this proposal, relative to the console.</summary>
    public string Path => $"operations/{Operation}/subjects/{Id}";

    /// <inheritdoc/>
    public override string ToString() => $"{Operation}/{Id}";
}
