/* The referee of `custos bench match`: Vectorscan (Debian libvectorscan-dev) over the same literals and text. Never linked by the product.
 *     gcc -O2 match.c -o match -lhs && ./match TEXT LITERALS...
 * Prints user CPU rates, so that a shared machine does not decide, and the hits, which must be the same. */
#include <hs/hs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum { MOST = 1000000, PASSES = 5 };

static long hits;

static int on_hit(unsigned id, unsigned long long from, unsigned long long to, unsigned flags, void *context)
{
    (void)id, (void)from, (void)to, (void)flags, (void)context;
    hits++;
    return 0;
}

static double cpu(void)
{
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return used.ru_utime.tv_sec + used.ru_utime.tv_usec / 1e6;
}

static char *read_all(const char *path, size_t *length)
{
    FILE *file = fopen(path, "rb");
    if (!file) {
        fprintf(stderr, "%s cannot be read\n", path);
        exit(1);
    }
    fseek(file, 0, SEEK_END);
    *length = (size_t)ftell(file);
    rewind(file);
    char *bytes = malloc(*length + 1);
    if (fread(bytes, 1, *length, file) != *length)
        exit(1);
    bytes[*length] = 0;
    fclose(file);
    return bytes;
}

int main(int count, char **arguments)
{
    if (count < 3) {
        fprintf(stderr, "usage: match TEXT LITERALS...\n");
        return 2;
    }
    size_t text_length;
    char *text = read_all(arguments[1], &text_length);
    const char **literals = malloc(MOST * sizeof *literals);
    unsigned *flags = malloc(MOST * sizeof *flags), *ids = malloc(MOST * sizeof *ids);
    size_t *lengths = malloc(MOST * sizeof *lengths);
    for (int list = 2; list < count; list++) {
        size_t list_length;
        char *lines = read_all(arguments[list], &list_length);
        unsigned n = 0;
        for (char *line = strtok(lines, "\n"); line && n < MOST; line = strtok(NULL, "\n"), n++) {
            literals[n] = line;
            lengths[n] = strlen(line);
            flags[n] = HS_FLAG_CASELESS;
            ids[n] = n;
        }
        hs_database_t *database;
        hs_compile_error_t *error;
        if (hs_compile_lit_multi(literals, flags, ids, lengths, n, HS_MODE_BLOCK, NULL, &database, &error) != HS_SUCCESS) {
            fprintf(stderr, "%s\n", error->message);
            return 1;
        }
        hs_scratch_t *scratch = NULL;
        hs_alloc_scratch(database, &scratch);
        double bulk = 1e9, single = 1e9;
        for (int pass = 0; pass < PASSES; pass++) {
            hits = 0;
            double seconds = cpu();
            hs_scan(database, text, (unsigned)text_length, 0, scratch, on_hit, NULL);
            seconds = cpu() - seconds;
            bulk = seconds < bulk ? seconds : bulk;
        }
        long found = hits;
        for (int pass = 0; pass < PASSES; pass++) {
            double seconds = cpu();
            for (char *at = text, *end; at < text + text_length && (end = memchr(at, '\n', (size_t)(text + text_length - at))); at = end + 1)
                hs_scan(database, at, (unsigned)(end - at), 0, scratch, on_hit, NULL);
            seconds = cpu() - seconds;
            single = seconds < single ? seconds : single;
        }
        printf("%s: bulk %.0f MB/s, per message %.0f MB/s, %ld hits\n", arguments[list], text_length / bulk / 1e6, text_length / single / 1e6, found);
        hs_free_scratch(scratch);
        hs_free_database(database);
        free(lines);
    }
    return 0;
}
