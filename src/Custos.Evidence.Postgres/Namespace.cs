namespace Custos.Evidence.Postgres;
