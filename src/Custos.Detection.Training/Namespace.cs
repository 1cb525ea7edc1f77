namespace Custos.Detection.Training;
