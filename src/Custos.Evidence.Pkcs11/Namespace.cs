namespace Custos.Evidence.Pkcs11;
