namespace Custos.Fixtures;

/// <summary>A certificate for this machine and the authority that signed it, made by openssl when asked for and never kept.</summary>
/// <param name="Authority">The authority's certificate, PEM.</param>
/// <param name="Certificate">The server's certificate, PEM.</param>
/// <param name="Key">The server's private key, PEM.</param>
public sealed record TestCertificate(string Authority, string Certificate, string Key)
{
    /// <summary>Makes one for <c>127.0.0.1</c> and <c>localhost</c> in a folder.</summary>
    public static async Task<TestCertificate> MakeAsync(string folder)
    {
        var openssl = Programs.Find("openssl") ?? throw new InvalidOperationException("openssl is not installed");
        string Named(string name) => Path.Combine(folder, name);
        await File.WriteAllTextAsync(Named("server.ext"), "subjectAltName=IP:127.0.0.1,DNS:localhost\nextendedKeyUsage=serverAuth\nbasicConstraints=CA:FALSE\n");
        await ChildProgram.RunAsync(openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=Custos test authority",
            "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign",
            "-keyout", Named("authority.key"), "-out", Named("authority.pem"));
        await ChildProgram.RunAsync(openssl, "req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-keyout", Named("server.key"), "-out", Named("server.csr"));
        await ChildProgram.RunAsync(openssl, "x509", "-req", "-in", Named("server.csr"), "-CA", Named("authority.pem"), "-CAkey", Named("authority.key"),
            "-CAcreateserial", "-days", "2", "-extfile", Named("server.ext"), "-out", Named("server.pem"));
        // A server started as root gives up its rights before it reads the key.
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(Named("server.key"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        return new(Named("authority.pem"), Named("server.pem"), Named("server.key"));
    }
}
