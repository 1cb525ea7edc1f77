using System.Text.Json;

namespace Custos.Detection.Training;

/// <summary>Writes an evaluation as one JSON object with the keys of detection-spec, section 14.</summary>
public static class EvaluationJson
{
    /// <summary>Writes it, indented, with a line feed at the end.</summary>
    public static void Write(Stream stream, Evaluation evaluation)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(evaluation);
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            json.WriteStartObject();
            json.WriteNumber("authors", evaluation.Authors);
            json.WriteNumber("positives", evaluation.Positives);
            json.WriteNumber("conversations", evaluation.Conversations);
            json.WriteNumber("messages", evaluation.Messages);
            json.WriteNumber("flagged", evaluation.Flagged);
            Rate(json, "precision", evaluation.Precision);
            Rate(json, "recall", evaluation.Recall);
            Rate(json, "f1", evaluation.F1);
            Rate(json, "f05", evaluation.F05);
            Rate(json, "falseAuthorsPerMillionMessages", evaluation.FalseAuthorsPerMillionMessages);
            Rate(json, "fLatency", evaluation.FLatency);
            json.WriteNumber("latencyP", 0.0078m);
            Whole(json, "medianMessagesToAlert", evaluation.MedianMessagesToAlert);
            Whole(json, "p90MessagesToAlert", evaluation.P90MessagesToAlert);
            Rate(json, "tooEarlyRate", evaluation.TooEarlyRate);
            json.WriteString("tooEarlyBasis", evaluation.TooEarlyBasis);
            Rate(json, "ece", evaluation.Ece);
            Rate(json, "eceFloor", evaluation.EceFloor);
            Rate(json, "eceAtPrior", evaluation.EceAtPrior);
            Rate(json, "brier", evaluation.Brier);
            RecallAt(json, evaluation.RecallAt);
            Obfuscation(json, evaluation);
            json.WriteNumber("messagesPerSecond", Math.Round(evaluation.MessagesPerSecond));
            json.WriteNumber("threshold", (decimal)evaluation.Threshold);
            json.WriteNumber("seed", evaluation.Seed);
            json.WriteString("split", evaluation.Split);
            foreach (var (name, digests) in new[] { ("corpus", evaluation.Corpus), ("labels", evaluation.Labels), ("benign", evaluation.Benign) })
            {
                json.WriteStartArray(name);
                foreach (var digest in digests)
                    json.WriteStringValue("sha256:" + digest);
                json.WriteEndArray();
            }

            json.WriteString("engine", evaluation.Engine);
            json.WriteString("pack", evaluation.Pack);
            json.WriteString("model", evaluation.Model);
            json.WriteEndObject();
        }

        stream.WriteByte((byte)'\n');
    }

    static void RecallAt(Utf8JsonWriter json, IReadOnlyList<RecallAt>? rows)
    {
        if (rows is null)
        {
            json.WriteNull("recallAt");
            return;
        }

        json.WriteStartArray("recallAt");
        foreach (var row in rows)
        {
            json.WriteStartObject();
            Value(json, "perMillion", row.PerMillion);
            Value(json, "threshold", row.Threshold);
            Rate(json, "recall", row.Recall);
            json.WriteNumber("falseAlerts", row.FalseAlerts);
            json.WriteNumber("messages", row.Messages);
            Rate(json, "falseAlertsPerMillion", row.FalseAlertsPerMillion);
            if (row.FalseAlerts == 0)
                json.WriteString("bound", string.Create(System.Globalization.CultureInfo.InvariantCulture, $"<= 3/{row.Messages}"));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    static void Obfuscation(Utf8JsonWriter json, Evaluation evaluation)
    {
        if (evaluation.Disguised is null || evaluation.Without is null)
        {
            json.WriteNull("obfuscation");
            return;
        }

        json.WriteStartObject("obfuscation");
        foreach (var (name, rows) in new[] { ("disguised", evaluation.Disguised), ("without", evaluation.Without) })
        {
            json.WriteStartArray(name);
            foreach (var row in rows)
            {
                json.WriteStartObject();
                json.WriteString(name == "disguised" ? "kind" : "step", row.Name);
                Rate(json, "recall", row.Recall);
                Rate(json, "falseAuthorsPerMillionMessages", row.FalseAuthorsPerMillionMessages);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    static void Rate(Utf8JsonWriter json, string name, Measured measured)
    {
        Value(json, name, measured.Value);
        if (measured is { Low: { } low, High: { } high })
        {
            json.WriteStartArray(name + "Interval");
            json.WriteNumberValue(Rounded(low));
            json.WriteNumberValue(Rounded(high));
            json.WriteEndArray();
        }
        else
        {
            json.WriteNull(name + "Interval");
        }
    }

    static void Value(Utf8JsonWriter json, string name, double? value)
    {
        if (value is { } known)
            json.WriteNumber(name, Rounded(known));
        else
            json.WriteNull(name);
    }

    static void Whole(Utf8JsonWriter json, string name, int? value)
    {
        if (value is { } known)
            json.WriteNumber(name, known);
        else
            json.WriteNull(name);
    }

    // Six decimals: what a thousand draws can tell is coarser.
    static decimal Rounded(double value) => Math.Round((decimal)value, 6);
}
