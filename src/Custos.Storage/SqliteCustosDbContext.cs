using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace Custos.Storage;

/// <summary>The index in one SQLite file.</summary>
sealed class SqliteCustosDbContext(DbContextOptions<SqliteCustosDbContext> options) : CustosDbContext(options)
{
    internal static SqliteCustosDbContext Open(SqliteConnection connection) =>
        new(new DbContextOptionsBuilder<SqliteCustosDbContext>().UseSqlite(connection).Options);
}

/// <summary>How <c>dotnet ef migrations add</c> makes a context.</summary>
sealed class SqliteDesignTime : IDesignTimeDbContextFactory<SqliteCustosDbContext>
{
    public SqliteCustosDbContext CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<SqliteCustosDbContext>().UseSqlite("Data Source=:memory:").Options);
}
