using Custos.Authority;

namespace Custos.Server.Workspaces;

/// <summary>Why a data folder or an operation was not opened.</summary>
public enum WorkspaceFault
{
    /// <summary>The folder was written by a newer program.</summary>
    NewerFormat,

    /// <summary>The folder holds something else.</summary>
    NotADataFolder,

    /// <summary>There is no operation of this name.</summary>
    NoSuchOperation,

    /// <summary>There is an operation of this name already.</summary>
    OperationExists,

    /// <summary>The authorisation is not valid, or is another operation's, or there is none.</summary>
    NoAuthorization,

    /// <summary>Another process works on the operation.</summary>
    OperationHeld,

    /// <summary>The program's own vocabulary is missing.</summary>
    NoVocabulary,
}

/// <summary>A data folder or an operation was refused. The message says what happened, what was kept and what to do.</summary>
public sealed class WorkspaceException : Exception
{
    internal WorkspaceException(WorkspaceFault fault, string message, Exception? inner = null)
        : base(message, inner) => Fault = fault;

    /// <summary>Why.</summary>
    public WorkspaceFault Fault { get; }

    /// <summary>What is wrong with the authorisation, by line; empty for every other fault.</summary>
    public IReadOnlyList<AuthorizationFault> Authorization { get; internal init; } = [];
}
