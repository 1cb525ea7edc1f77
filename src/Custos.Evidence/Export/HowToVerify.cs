using System.Globalization;
using System.Text;

namespace Custos.Evidence;

/// <summary>The page that tells a stranger how to check a bag, with programs that are not ours first.</summary>
static class HowToVerify
{
    public const string Program = "verify.go";

    public static string Of(string bag, BagSelection selection, IReadOnlyList<BaggedLog> logs)
    {
        var text = new StringBuilder();
        var first = logs[0];
        var at = $"data/operations/{first.Slug}";
        var example = first.Hashes.Count > 0 ? first.Hashes[0].Number.ToString() : null;
        var vkeys = TrustPolicy.Parse(Encoding.UTF8.GetString(first.Policy)).Logs;
        text.Append(CultureInfo.InvariantCulture, $"HOW TO VERIFY THE BAG {bag}\n\n");
        text.Append("""
            Work on a copy, in the bag's folder, without a network. Steps 1, 2 and 5 use programs that every system has; steps 3 and 4 a short Go
            program over Go's own transparency-log library, whose source you can read; only step 6 uses the program of those who made the bag.
            What you need from elsewhere: the log's key, as the unit published it or gave it to you on paper. Compare it with the key below.
            A bag whose own key is believed proves only that it agrees with itself.


            """);
        foreach (var log in logs)
        {
            text.Append(CultureInfo.InvariantCulture, $"log         {log.Checkpoint.Origin}\nsize, root  {log.Checkpoint.Size}, {Convert.ToBase64String(log.Checkpoint.Root.ToArray())}\n");
            foreach (var key in TrustPolicy.Parse(Encoding.UTF8.GetString(log.Policy)).Logs)
                text.Append(CultureInfo.InvariantCulture, $"key         {key}\n");
            text.Append(CultureInfo.InvariantCulture, $"exhibits    {log.Hashes.Count} with content, {log.Deleted.Count} deleted under an order, {log.Events} custody events\n\n");
        }

        text.Append("""
            1. NO FILE CHANGED SINCE THE BAG WAS MADE (BagIt 1.0, RFC 8493)
               sha256sum -c --quiet tagmanifest-sha256.txt
               sha256sum -c --quiet manifest-sha256.txt
               sha512sum -c --quiet tagmanifest-sha512.txt
               sha512sum -c --quiet manifest-sha512.txt
               Each prints nothing and ends with 0. Every file under data/ stands in both manifests. But whoever changes a bag can make
               manifests anew; pages, renderings and certificates are held by nothing else. The unit recorded the hashes of the manifests in its log when the bag left
               (custody.exported); ask for that event and its proof to know that the manifests are the ones that left:
               sha256sum manifest-sha256.txt

            2. EACH CONTENT IS THE ONE THAT WAS RECORDED
               The entry of an exhibit (entry.json) holds "size" and "sha256", the SHA-256 over salt and content:

            """);
        if (example is not null)
            text.Append(CultureInfo.InvariantCulture, $"   (cd {at}/exhibits/{example} && cat salt.bin content.bin | sha256sum && cat entry.json)\n");
        foreach (var log in logs)
            text.Append(CultureInfo.InvariantCulture, $"   all of {log.Slug}; prints what does not match:\n   (cd data/operations/{log.Slug}/exhibits && for e in */content.bin; do e=${{e%/*}}; grep -q \"\\\"sha256\\\":\\\"$(cat $e/salt.bin $e/content.bin | sha256sum | cut -c1-64)\\\"\" $e/entry.json || echo $e; done)\n");
        text.Append("   A folder with deleted.txt instead had its content deleted; the file names the order, which is an exhibit of this bag too.\n");
        text.Append("   rendering.txt, where there is one, is how the unit's program reads the content. It is a help, not the evidence.\n");
        foreach (var (log, (opening, parts, media)) in logs.SelectMany(log => log.Recordings.Select(recording => (log, recording))))
        {
            text.Append(CultureInfo.InvariantCulture, $"   Recording {opening} of {log.Slug}: {parts} parts. ");
            text.Append(media is null
                ? "Its bytes are not in this bag; parts.txt lists number, size and exhibit of each part, whose entry and proof are here.\n"
                : $"Its bytes are in {media}; part by part, by the sizes in parts.txt; prints what does not match:\n   (cd data/operations/{log.Slug} && at=1 && while read part size e; do grep -q \"\\\"sha256\\\":\\\"$(tail -c +$at {media} | head -c $size | cat exhibits/$e/salt.bin - | sha256sum | cut -c1-64)\\\"\" exhibits/$e/entry.json || echo $e; at=$((at+size)); done < recordings/{opening}/parts.txt)\n");
        }

        text.Append("""

            3. EACH ENTRY STANDS IN THE SIGNED LOG
               Each EX-....tlog-proof (C2SP tlog-proof) holds the path from its entry to the checkpoint's root (RFC 6962, section 2.1.1) and the
               signed checkpoint. Debian: apt-get install golang-go golang-golang-x-mod-dev

            """);
        text.Append(selection.Files.Any(file => file.Path == Program)
            ? "   cp data/verify.go /tmp/ && (cd /tmp && GO111MODULE=off GOPATH=/usr/share/gocode go build -o verify verify.go)\n"
            : "   verify.go is in the project's source, folder tests/interop: GO111MODULE=off GOPATH=/usr/share/gocode go build -o /tmp/verify verify.go\n");
        foreach (var log in logs)
            text.Append(CultureInfo.InvariantCulture, $"   /tmp/verify bag -vkey '{TrustPolicy.Parse(Encoding.UTF8.GetString(log.Policy)).Logs[0]}' data/operations/{log.Slug}\n");
        text.Append("   or one at a time:\n");
        if (example is not null && vkeys.Count > 0)
            text.Append(CultureInfo.InvariantCulture, $"   /tmp/verify proof -vkey '{vkeys[0]}' {at}/exhibits/{example}/{example}.tlog-proof {at}/exhibits/{example}/entry.json\n");
        if (selection.WholeLog)
            text.Append(CultureInfo.InvariantCulture, $"   The whole log is here as well (no contents): /tmp/verify log -vkey '{vkeys[0]}' {at}/log\n");
        text.Append("\n4. OTHERS HAVE SEEN THE LOG\n");
        foreach (var log in logs)
        {
            var witnesses = TrustPolicy.Parse(Encoding.UTF8.GetString(log.Policy)).Witnesses;
            if (log.Anchors.Count == 0)
                text.Append(CultureInfo.InvariantCulture, $"   {log.Slug}: no earlier checkpoint is kept here; no witness and no time stamp stands for it.\n");
            if (witnesses.Count == 0)
                text.Append(CultureInfo.InvariantCulture, $"   {log.Slug}: the policy names no witness, so whoever holds the log's key could have written it anew.\n");
            foreach (var (_, key, _) in witnesses)
                text.Append(CultureInfo.InvariantCulture, $"   /tmp/verify cosignature -witness '{key}' data/operations/{log.Slug}/checkpoint\n");
            foreach (var anchor in log.Anchors)
            {
                var folder = $"data/operations/{log.Slug}/{anchor.Folder}";
                text.Append(CultureInfo.InvariantCulture, $"   The checkpoint of size {anchor.Size} is a beginning of this one:\n   /tmp/verify consistency -vkey '{TrustPolicy.Parse(Encoding.UTF8.GetString(log.Policy)).Logs[0]}' {folder}/checkpoint data/operations/{log.Slug}/checkpoint {folder}/consistency\n");
            }
        }

        text.Append("\n5. WHEN IT EXISTED AT THE LATEST (RFC 3161)\n");
        var stamped = false;
        foreach (var log in logs)
        {
            foreach (var anchor in log.Anchors)
            {
                foreach (var authority in anchor.Authorities)
                {
                    stamped = true;
                    var folder = $"data/operations/{log.Slug}/{anchor.Folder}";
                    text.Append(CultureInfo.InvariantCulture, $"   openssl ts -verify -data {folder}/checkpoint -in {folder}/{authority}.tsr -CAfile ROOT.pem -untrusted {folder}/{authority}.pem\n   openssl ts -reply -in {folder}/{authority}.tsr -text\n");
                }
            }
        }

        text.Append(stamped
            ? "   ROOT.pem is the authority's root certificate, from the authority itself. The .pem beside the token is what the unit judged by.\n"
            : "   No time stamp is in this bag: that the log existed by a given day rests on the unit's clock.\n");
        text.Append("""

            6. ALL OF IT AT ONCE, WITH THE UNIT'S VERIFIER (two files, no installation)
               custos-verify bag . --policy POLICY-YOU-TRUST        a file with the key you were given: log KEY / quorum none
               custos-verify bag . --accept-policy-in-bag           believes the key in the bag
               It reports all it finds. Exit 0 verified, 1 not verified, 2 wrong use, 3 could not read.

            WHO HELD IT
               data/operations/.../custody/EX-....html is the chain of custody of an exhibit as a page; events.jsonl holds the same events for
               programs. Each event is an exhibit with its own proof. That this bag left is recorded after it was made, so it is not in it.

            CERTIFICATES
               data/certificates/ holds drafts. They are signed by nobody and conclude nothing.

            """);
        return text.ToString();
    }
}
