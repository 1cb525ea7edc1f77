using System.CommandLine;

var root = new RootCommand("Custos: from a public chat room to a referral that survives court.");
return await root.Parse(args).InvokeAsync();
