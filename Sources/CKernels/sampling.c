// Drawing a token: one pass over the exponentials in short runs, then one run value by value.
#include "training_table.h"

#include <math.h>
#include <stdlib.h>

enum { run_length = 1024 };

static size_t largest_index(const float *scores, size_t count) {
    size_t best = 0;
    for (size_t i = 1; i < count; i++) {
        if (scores[i] > scores[best]) best = i;
    }
    return best;
}

size_t ck_draw_reference(const float *scores, size_t count, double unit) {
    size_t best = largest_index(scores, count);
    double total = 0;
    for (size_t i = 0; i < count; i++) total += exp((double)(scores[i] - scores[best]));
    double left = unit * total;
    for (size_t i = 0; i < count; i++) {
        double weight = exp((double)(scores[i] - scores[best]));
        left -= weight;
        if (weight > 0 && left < 0) return i;
    }
    return best;
}

size_t ck_draw(const float *scores, size_t count, double unit) {
    const training_table *kernels = current_training_kernels();
    if (!kernels) return ck_draw_reference(scores, count, unit);
    size_t runs = (count + run_length - 1) / run_length;
    double *sums = malloc((runs + 1) * sizeof(double));
    if (!sums) abort();
    float top = kernels->largest(scores, count);
    double total = 0;
    for (size_t r = 0; r < runs; r++) {
        size_t length = count - r * run_length < run_length ? count - r * run_length : run_length;
        sums[r] = kernels->sum_of_exponentials(scores + r * run_length, top, length);
        total += sums[r];
    }
    double left = unit * total;
    size_t found = count;
    for (size_t r = 0; r < runs && found == count; r++) {
        if (left >= sums[r]) {
            left -= sums[r];
            continue;
        }
        size_t end = (r + 1) * run_length < count ? (r + 1) * run_length : count;
        for (size_t i = r * run_length; i < end && found == count; i++) {
            float weight = expf(scores[i] - top);
            left -= weight;
            if (weight > 0 && left < 0) found = i;
        }
        // The run's values may add up to a little less than its sum: the next run then begins.
        if (found == count) left = 0;
    }
    free(sums);
    return found < count ? found : largest_index(scores, count);
}
