namespace Custos.Evidence;

public sealed partial class KeyRing
{
    /// <summary>The exhibit that closed the operation, if its key was destroyed: nothing opens any more.</summary>
    internal ExhibitNumber? DestroyedBy { get; private set; }
}
