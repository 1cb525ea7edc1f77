Console.Error.WriteLine("usage: custos-verify log DIR | proof FILE --entry FILE");
return 2;
