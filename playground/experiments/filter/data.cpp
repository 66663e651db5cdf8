#include "playground/experiments/filter/data.h"

#include <algorithm>
#include <cstddef>

namespace neural_ode::filter {

void draw(const Options& options, Rng& rng, Index count, Series& series) {
  const Index length = options.observations;
  const double duration = options.duration;
  series.seen.times.resize(length, count);
  series.seen.x.resize(options.family->dim, length * count);
  series.exact.resize(options.family->dim, length * count);
  std::vector<double> times(static_cast<std::size_t>(length));
  for (Index s = 0; s < count; ++s) {
    for (double& t : times) t = rng.uniform(0, duration);
    std::sort(times.begin(), times.end());
    // Strictly increasing.
    for (std::size_t i = 1; i < times.size(); ++i)
      times[i] = std::max(times[i], times[i - 1] + 1e-3 * duration / static_cast<double>(length));
    if (s == 0 && !series.fine_times.empty()) {
      Rng same = rng;  // the same wave: what it is does not depend on the times
      series.fine = options.family->make(series.fine_times, 1, true, same).exact[0];
    }
    const SeriesSet one = options.family->make(times, 1, true, rng);
    for (Index i = 0; i < length; ++i) {
      series.seen.times(i, s) = times[static_cast<std::size_t>(i)];
      for (Index d = 0; d < options.family->dim; ++d) {
        const double value = one.exact[0](d, i);
        series.exact(d, i * count + s) = static_cast<float>(value);
        series.seen.x(d, i * count + s) = static_cast<float>(value + options.noise * rng.normal());
      }
    }
  }
}

}  // namespace neural_ode::filter
