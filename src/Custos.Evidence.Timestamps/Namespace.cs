namespace Custos.Evidence.Timestamps;
