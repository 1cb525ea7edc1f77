using System.Reflection;

namespace Custos.Mutants;

/// <summary>What dotnet-stryker compiles into the assembly that it mutates: which mutant is on, and which were come by.</summary>
sealed class Switch
{
    readonly FieldInfo _active, _capture;
    readonly MethodInfo _init, _data;

    public Switch(Assembly mutated)
    {
        var control = mutated.GetTypes().Single(type => type.Name == "MutantControl");
        _active = control.GetField("ActiveMutant")!;
        _capture = control.GetField("CaptureCoverage")!;
        _init = control.GetMethod("InitCoverage")!;
        _data = control.GetMethod("GetCoverageData")!;
    }

    /// <summary>The mutant that is on; -1 for none.</summary>
    public int On
    {
        set => _active.SetValue(null, value);
    }

    public void Watch()
    {
        On = -1;
        _init.Invoke(null, null);
        _capture.SetValue(null, true);
    }

    /// <summary>The mutants come by since <see cref="Watch"/>, and those of them that only a new process comes by again.</summary>
    public (List<int> Met, List<int> Once) Seen()
    {
        _capture.SetValue(null, false);
        var data = (IList<int>[])_data.Invoke(null, null)!;
        return ([.. data[0].Distinct().Order()], [.. data[1].Distinct().Order()]);
    }
}
