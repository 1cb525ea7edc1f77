// The unit key in a token (PKCS #11 v2.40, OASIS): an AES-256 key that the token never shows wraps operation keys with CKM_AES_GCM,
// 96-bit nonce, 128-bit tag. What comes out has the form of a wrapping by a unit key in a file: nonce 12, ciphertext 32, tag 16.
using System.Reflection;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Net.Pkcs11Interop.Common;
using Net.Pkcs11Interop.HighLevelAPI;

namespace Custos.Evidence.Pkcs11;

/// <summary>A unit key that a token holds and never shows. Its id is the key's CKA_ID, four bytes, in hex.</summary>
public sealed class Pkcs11UnitKey : IUnitKey, IDisposable
{
    const int NonceBytes = 12;
    const int TagBytes = 16;
    const int KeyBytes = 32;

    static readonly Pkcs11InteropFactories Factories = new();
    static readonly Lock Gate = new();
    // A module is initialised once in a process and for the whole process (section 6.6): it is never let go of.
    static readonly Dictionary<string, IPkcs11Library> Modules = new(StringComparer.Ordinal);

    readonly Lock _gate = new();
    readonly Pkcs11Settings _settings;
    readonly ISession _session;
    readonly IObjectHandle _key;

    static Pkcs11UnitKey() => NativeLibrary.SetDllImportResolver(typeof(IPkcs11Library).Assembly, Resolve);

    Pkcs11UnitKey(Pkcs11Settings settings, ISession session, IObjectHandle key)
    {
        _settings = settings;
        _session = session;
        _key = key;
    }

    /// <inheritdoc/>
    public string Id => _settings.Id;

    /// <summary>Opens the key that the settings name.</summary>
    /// <exception cref="EvidenceLogException"><see cref="EvidenceFault.KeyDevice"/>: no module, no such token, wrong PIN, no such key. The message never holds the PIN.</exception>
    public static Pkcs11UnitKey Open(Pkcs11Settings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var session = Session(settings, write: false);
        try
        {
            return new(settings, session, Find(session, settings.Id) ?? throw Fault(settings, $"the token '{settings.Token}' has no AES key with the id {settings.Id}", "Bring the token that holds it, or name its id."));
        }
        catch (Pkcs11Exception e)
        {
            session.Dispose();
            throw Told(settings, e);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>Makes a key in the token: AES-256, sensitive, never extractable.</summary>
    /// <param name="settings">Where; its id is replaced by the new key's.</param>
    /// <returns>The settings that name the new key.</returns>
    /// <exception cref="EvidenceLogException">The token cannot be used; nothing was made.</exception>
    public static Pkcs11Settings Create(Pkcs11Settings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var id = RandomNumberGenerator.GetBytes(4);
        using var session = Session(settings, write: true);
        try
        {
            using var mechanism = Factories.MechanismFactory.Create(CKM.CKM_AES_KEY_GEN);
            var of = Factories.ObjectAttributeFactory;
            session.GenerateKey(mechanism,
            [
                of.Create(CKA.CKA_CLASS, CKO.CKO_SECRET_KEY), of.Create(CKA.CKA_KEY_TYPE, CKK.CKK_AES), of.Create(CKA.CKA_VALUE_LEN, (ulong)KeyBytes),
                of.Create(CKA.CKA_TOKEN, true), of.Create(CKA.CKA_PRIVATE, true), of.Create(CKA.CKA_SENSITIVE, true), of.Create(CKA.CKA_EXTRACTABLE, false),
                of.Create(CKA.CKA_ENCRYPT, true), of.Create(CKA.CKA_DECRYPT, true), of.Create(CKA.CKA_WRAP, false), of.Create(CKA.CKA_UNWRAP, false),
                of.Create(CKA.CKA_LABEL, "custos unit key"), of.Create(CKA.CKA_ID, id),
            ]);
            return settings with { Id = Convert.ToHexStringLower(id) };
        }
        catch (Pkcs11Exception e)
        {
            throw Told(settings, e);
        }
    }

    /// <inheritdoc/>
    public byte[] Wrap(ReadOnlySpan<byte> key, ReadOnlySpan<byte> additional)
    {
        var nonce = RandomNumberGenerator.GetBytes(NonceBytes);
        var plain = key.ToArray();
        try
        {
            lock (_gate)
            {
                using var mechanism = Mechanism(nonce, additional);
                return [.. nonce, .. _session.Encrypt(mechanism, _key, plain)];
            }
        }
        catch (Pkcs11Exception e)
        {
            throw Told(_settings, e);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plain);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="EvidenceLogException">The token is gone, or refused.</exception>
    public bool TryUnwrap(ReadOnlySpan<byte> wrapped, ReadOnlySpan<byte> additional, Span<byte> key)
    {
        if (wrapped.Length != NonceBytes + KeyBytes + TagBytes)
            return false;
        try
        {
            lock (_gate)
            {
                using var mechanism = Mechanism(wrapped[..NonceBytes].ToArray(), additional);
                var plain = _session.Decrypt(mechanism, _key, wrapped[NonceBytes..].ToArray());
                var whole = plain.Length == KeyBytes;
                if (whole)
                    plain.CopyTo(key);
                CryptographicOperations.ZeroMemory(plain);
                return whole;
            }
        }
        // A tag that does not fit is told in one of these ways, by the module's maker.
        catch (Pkcs11Exception e) when (e.RV is CKR.CKR_ENCRYPTED_DATA_INVALID or CKR.CKR_ENCRYPTED_DATA_LEN_RANGE or CKR.CKR_FUNCTION_FAILED or CKR.CKR_GENERAL_ERROR)
        {
            return false;
        }
        catch (Pkcs11Exception e)
        {
            throw Told(_settings, e);
        }
    }

    /// <summary>Lets go of the token; with the last session the login ends.</summary>
    public void Dispose() => _session.Dispose();

    static IMechanism Mechanism(byte[] nonce, ReadOnlySpan<byte> additional) => Factories.MechanismFactory.Create(
        CKM.CKM_AES_GCM, Factories.MechanismParamsFactory.CreateCkGcmParams(nonce, NonceBytes * 8, additional.ToArray(), TagBytes * 8));

    static ISession Session(Pkcs11Settings settings, bool write)
    {
        var pin = settings.ReadPin();
        try
        {
            var slot = Module(settings).GetSlotList(SlotsType.WithTokenPresent).Find(slot => slot.GetTokenInfo().Label.TrimEnd() == settings.Token)
                ?? throw Fault(settings, $"no token '{settings.Token}' is present", "Put it in, or name the one that is there.");
            var session = slot.OpenSession(write ? SessionType.ReadWrite : SessionType.ReadOnly);
            try
            {
                session.Login(CKU.CKU_USER, pin);
            }
            catch (Pkcs11Exception e) when (e.RV == CKR.CKR_USER_ALREADY_LOGGED_IN)
            {
                // Another session of this process did.
            }
            catch
            {
                session.Dispose();
                throw;
            }

            return session;
        }
        catch (Pkcs11Exception e)
        {
            throw Told(settings, e);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(pin);
        }
    }

    static IPkcs11Library Module(Pkcs11Settings settings)
    {
        lock (Gate)
        {
            if (Modules.TryGetValue(settings.Module, out var loaded))
                return loaded;
            if (!File.Exists(settings.Module))
                throw Fault(settings, $"there is no module '{settings.Module}'", "Install the token's PKCS #11 module, or name the file it is in.");
            try
            {
                return Modules[settings.Module] = Factories.Pkcs11LibraryFactory.LoadPkcs11Library(Factories, settings.Module, AppType.MultiThreaded);
            }
            catch (Exception e) when (e is UnmanagedException or Pkcs11Exception or DllNotFoundException or EntryPointNotFoundException)
            {
                throw Fault(settings, $"'{settings.Module}' cannot be loaded as a PKCS #11 module", "Name the module's own file, for this machine's architecture, and see that its configuration is there.", e);
            }
        }
    }

    static IObjectHandle? Find(ISession session, string id)
    {
        var of = Factories.ObjectAttributeFactory;
        var found = session.FindAllObjects([of.Create(CKA.CKA_CLASS, CKO.CKO_SECRET_KEY), of.Create(CKA.CKA_KEY_TYPE, CKK.CKK_AES), of.Create(CKA.CKA_ID, Convert.FromHexString(id))]);
        return found.Count == 1 ? found[0] : null;
    }

    static EvidenceLogException Told(Pkcs11Settings settings, Pkcs11Exception e) => e.RV switch
    {
        CKR.CKR_PIN_INCORRECT or CKR.CKR_PIN_INVALID or CKR.CKR_PIN_LEN_RANGE => Fault(settings, $"the PIN for the token '{settings.Token}' is wrong", "Correct it before trying again: a token locks after a few wrong ones.", e),
        CKR.CKR_PIN_LOCKED => Fault(settings, $"the PIN of the token '{settings.Token}' is locked", "Its security officer must unlock it.", e),
        CKR.CKR_TOKEN_NOT_PRESENT or CKR.CKR_DEVICE_REMOVED or CKR.CKR_SESSION_HANDLE_INVALID => Fault(settings, $"the token '{settings.Token}' is gone", "Put it in and start again.", e),
        _ => Fault(settings, $"the token '{settings.Token}' answered {e.RV}", "Look that up in the manual of the token's maker.", e),
    };

    static EvidenceLogException Fault(Pkcs11Settings settings, string what, string todo, Exception? inner = null) =>
        new(EvidenceFault.KeyDevice, $"The unit key{settings.Named} cannot be used: {what}. Nothing was changed. {todo}", 0, inner);

    // The package asks for "libdl", which only development packages provide; the library itself has been called this since glibc 2.
    static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path) =>
        name == "libdl" && NativeLibrary.TryLoad("libdl.so.2", out var handle) ? handle : 0;
}
