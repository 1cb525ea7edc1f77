// One conduct record a line (detection-spec, sections 9 and 12): the same form as findings.
using System.Buffers;

namespace Custos.Detection;

/// <summary>Writes conduct records, a line each. Places, codes and counts; no word of a chat, and no conclusion.</summary>
public static class ConductJson
{
    /// <summary>Writes one record and a line feed.</summary>
    public static void Write(IBufferWriter<byte> output, ConductRecord record)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(record);
        var line = new JsonLine(output);
        line.Raw("{\"venue\":"u8);
        line.Text(record.Pair.Venue);
        line.Raw(",\"thread\":"u8);
        line.Text(record.Pair.Thread);
        line.Raw(",\"account\":"u8);
        line.Text(record.Pair.Account);
        line.Raw(",\"counterpart\":"u8);
        line.Text(record.Pair.Counterpart);
        line.Raw(record.HasPersona ? ",\"persona\":true,\"messages\":"u8 : ",\"persona\":false,\"messages\":"u8);
        line.Number(record.Messages);
        line.Raw(",\"topics\":["u8);
        for (var i = 0; i < record.Topics.Count; i++)
        {
            var topic = record.Topics[i];
            line.Raw(i == 0 ? "{\"topic\":"u8 : ",{\"topic\":"u8);
            line.Text(topic.Topic);
            line.Raw(",\"byAccount\":"u8);
            Fact(ref line, topic.ByAccount);
            line.Raw(",\"byCounterpart\":"u8);
            Fact(ref line, topic.ByPersona);
            line.Raw(",\"first\":"u8);
            line.Text(topic.First);
            line.Raw(",\"laterByAccount\":"u8);
            line.Number(topic.LaterByAccount);
            line.Raw(",\"laterByCounterpart\":"u8);
            line.Number(topic.LaterByCounterpart);
            line.Raw("}"u8);
        }

        line.Raw("],\"ages\":["u8);
        for (var i = 0; i < record.Ages.Count; i++)
        {
            var age = record.Ages[i];
            line.Raw(i == 0 ? "{\"side\":"u8 : ",{\"side\":"u8);
            line.Text(age.ByAccount ? "account" : "counterpart");
            line.Raw(",\"years\":"u8);
            line.Number(age.Years);
            line.Raw(age.Exact ? ",\"exact\":true,\"place\":"u8 : ",\"exact\":false,\"place\":"u8);
            Place(ref line, age.Where);
            line.Raw("}"u8);
        }

        line.Raw("],\"ageStatedByCounterpart\":"u8);
        Fact(ref line, record.AgeStatedByCounterpart);
        line.Raw(",\"ageAcknowledged\":"u8);
        Fact(ref line, record.AgeAcknowledged);
        line.Raw(",\"messagesToNextCore\":"u8);
        if (record.MessagesToNextCore is { } messages)
            line.Number(messages);
        else
            line.Raw("null"u8);
        line.Raw(",\"refusalsAndExits\":["u8);
        for (var i = 0; i < record.RefusalsAndExits.Count; i++)
        {
            var refusal = record.RefusalsAndExits[i];
            line.Raw(i == 0 ? "{\"side\":"u8 : ",{\"side\":"u8);
            line.Text(refusal.ByAccount ? "account" : "counterpart");
            line.Raw(",\"code\":"u8);
            line.Text(refusal.Code);
            line.Raw(",\"place\":"u8);
            Place(ref line, refusal.Where);
            line.Raw(",\"next\":["u8);
            for (var j = 0; j < refusal.Next.Count; j++)
            {
                if (j > 0)
                    line.Raw(","u8);
                Place(ref line, refusal.Next[j]);
            }

            line.Raw("]}"u8);
        }

        line.Raw("],\"exculpatory\":["u8);
        for (var i = 0; i < record.Exculpatory.Count; i++)
        {
            var indicator = record.Exculpatory[i];
            line.Raw(i == 0 ? "{\"code\":"u8 : ",{\"code\":"u8);
            line.Text(indicator.Code);
            line.Raw(",\"messageId\":"u8);
            line.Text(indicator.MessageId);
            line.Raw(",\"start\":"u8);
            line.Number(indicator.Start);
            line.Raw(",\"length\":"u8);
            line.Number(indicator.Length);
            line.Raw("}"u8);
        }

        line.Raw("],\"pressure\":{\"messages\":"u8);
        line.Number(record.Pressure.Messages);
        line.Raw(",\"ofAll\":"u8);
        line.Number(record.Pressure.OfAll);
        line.Raw(",\"longestUnansweredRun\":"u8);
        line.Number(record.Pressure.LongestUnansweredRun);
        line.Raw(",\"inducements\":"u8);
        line.Number(record.Pressure.Inducements);
        line.Raw(",\"openings\":"u8);
        line.Number(record.Pressure.Openings);
        line.Raw(",\"openingsOfAll\":"u8);
        line.Number(record.Pressure.OpeningsOfAll);
        line.Raw(",\"withinMinuteOfRefusal\":"u8);
        line.Number(record.Pressure.WithinMinuteOfRefusal);
        line.Raw("},\"firstContact\":{\"first\":"u8);
        line.Text(record.Contact.First);
        line.Raw(",\"where\":"u8);
        Fact(ref line, record.Contact.Where);
        line.Raw("},\"contradictions\":["u8);
        for (var i = 0; i < record.Contradictions.Count; i++)
        {
            var contradiction = record.Contradictions[i];
            line.Raw(i == 0 ? "{\"side\":"u8 : ",{\"side\":"u8);
            Side(ref line, contradiction.ByAccount);
            line.Raw(",\"years\":"u8);
            line.Number(contradiction.Years);
            line.Raw(",\"earlier\":"u8);
            line.Number(contradiction.Earlier);
            line.Raw(",\"place\":"u8);
            Place(ref line, contradiction.Where);
            line.Raw("}"u8);
        }

        line.Raw("],\"firstPayment\":"u8);
        if (record.FirstPayment is { } payment)
        {
            line.Raw("{\"side\":"u8);
            Side(ref line, payment.ByAccount);
            line.Raw(",\"code\":"u8);
            line.Text(payment.Code);
            line.Raw(",\"amount\":"u8);
            if (payment.Amount is { } amount)
                line.Ascii(amount);
            else
                line.Raw("null"u8);
            line.Raw(",\"currency\":"u8);
            line.TextOrNull(payment.Currency);
            line.Raw(",\"channel\":"u8);
            line.TextOrNull(payment.Channel);
            line.Raw(",\"place\":"u8);
            Place(ref line, payment.Where);
            line.Raw("}"u8);
        }
        else
        {
            line.Raw("null"u8);
        }

        line.Raw(",\"invitations\":["u8);
        for (var i = 0; i < record.Invitations.Count; i++)
        {
            var invitation = record.Invitations[i];
            line.Raw(i == 0 ? "{\"side\":"u8 : ",{\"side\":"u8);
            Side(ref line, invitation.ByAccount);
            line.Raw(",\"topic\":"u8);
            line.Text(invitation.Topic);
            line.Raw(invitation.Renewal ? ",\"renewal\":true,\"messagesSince\":"u8 : ",\"renewal\":false,\"messagesSince\":"u8);
            NumberOrNull(ref line, invitation.MessagesSince);
            line.Raw(",\"secondsSince\":"u8);
            NumberOrNull(ref line, invitation.SecondsSince);
            line.Raw(",\"place\":"u8);
            Place(ref line, invitation.Where);
            line.Raw("}"u8);
        }

        line.Raw("],\"opportunities\":"u8);
        Coded(ref line, record.Opportunities);
        line.Raw(",\"inducements\":"u8);
        Coded(ref line, record.Inducements);
        line.Raw(",\"careSigns\":"u8);
        Coded(ref line, record.CareSigns);
        line.Raw(",\"deviations\":["u8);
        for (var i = 0; i < record.Deviations.Count; i++)
        {
            var deviation = record.Deviations[i];
            line.Raw(i == 0 ? "{\"code\":"u8 : ",{\"code\":"u8);
            line.Text(deviation.Code);
            line.Raw(",\"topic\":"u8);
            line.TextOrNull(deviation.Topic);
            line.Raw(",\"place\":"u8);
            if (deviation.Where is { } where)
                Place(ref line, where);
            else
                line.Raw("null"u8);
            line.Raw("}"u8);
        }

        line.Raw("]}\n"u8);
    }

    static void Side(ref JsonLine line, bool byAccount) => line.Text(byAccount ? "account" : "counterpart");

    static void NumberOrNull(ref JsonLine line, long? number)
    {
        if (number is { } known)
            line.Number(known);
        else
            line.Raw("null"u8);
    }

    static void Coded(ref JsonLine line, IReadOnlyList<CodedPlace> places)
    {
        line.Raw("["u8);
        for (var i = 0; i < places.Count; i++)
        {
            line.Raw(i == 0 ? "{\"code\":"u8 : ",{\"code\":"u8);
            line.Text(places[i].Code);
            line.Raw(",\"place\":"u8);
            Place(ref line, places[i].Where);
            line.Raw("}"u8);
        }

        line.Raw("]"u8);
    }

    static void Fact(ref JsonLine line, ConductFact fact)
    {
        line.Raw(fact.State switch
        {
            FactState.Known => "{\"state\":\"known\",\"place\":"u8,
            FactState.None => "{\"state\":\"none\",\"place\":"u8,
            FactState.Unknown => "{\"state\":\"unknown\",\"place\":"u8,
            _ => throw new ArgumentOutOfRangeException(nameof(fact)),
        });
        if (fact.Where is { } where)
            Place(ref line, where);
        else
            line.Raw("null"u8);
        line.Raw(",\"reason\":"u8);
        line.TextOrNull(fact.Reason);
        line.Raw("}"u8);
    }

    static void Place(ref JsonLine line, FactPlace place)
    {
        line.Raw("{\"messageId\":"u8);
        line.Text(place.MessageId);
        line.Raw(",\"at\":"u8);
        line.TextOrNull(place.At?.ToString());
        line.Raw(",\"start\":"u8);
        line.Number(place.Start);
        line.Raw(",\"length\":"u8);
        line.Number(place.Length);
        line.Raw("}"u8);
    }
}
