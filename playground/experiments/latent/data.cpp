#include "playground/experiments/latent/data.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

#include "engine/data/series.h"

namespace neural_ode::latent {

namespace {

constexpr int train_series = 1000, test_series = 200;

std::vector<Trajectory> observe(const SeriesSet& set, double noise, Rng& rng) {
  std::vector<Trajectory> observed;
  for (const Matrix<double>& exact : set.exact) {
    Trajectory series;
    series.times.assign(set.times.begin(), set.times.begin() + set.window);
    series.y = exact.leftCols(set.window);
    for (Index i = 0; i < series.y.size(); ++i) series.y.data()[i] += noise * rng.normal();
    observed.push_back(std::move(series));
  }
  return observed;
}

// Mean of every coordinate, and one standard deviation for all: directions keep their meaning.
void standardise(Data& data) {
  data.shift.setZero(data.dim);
  Vector<double> count = Vector<double>::Zero(data.dim);
  double square = 0;
  const auto for_each_value = [&](const auto& visit) {
    for (const Trajectory& series : data.train) {
      for (Index i = 0; i < series.y.cols(); ++i) {
        for (Index d = 0; d < data.dim; ++d) {
          if (!std::isnan(series.y(d, i))) visit(d, series.y(d, i));
        }
      }
    }
  };
  for_each_value([&](Index d, double x) {
    data.shift[d] += x;
    ++count[d];
  });
  double all = 0;
  for (Index d = 0; d < data.dim; ++d) {
    if (count[d] > 0) data.shift[d] /= count[d];
    all += count[d];
  }
  for_each_value([&](Index d, double x) {
    const double miss = x - data.shift[d];
    square += miss * miss;
  });
  data.scale = std::sqrt(square / all);
  if (!(data.scale > 1e-9)) data.scale = 1;
}

void use_own(Data& data, const OwnTrajectories& own) {
  data.dim = 2;
  data.train = own.trajectories();
  data.units = units_of(data.train);
  to_model(data.units, data.train);
  data.time_label = own.names()[0];
  data.names = {own.names()[1], own.names()[2]};
  show_times_from_start(data.train, data.units.t, data.time_label);
  double begin = data.train[0].times[0];
  data.t_window = begin;
  std::size_t longest = 2;
  for (const Trajectory& series : data.train) {
    begin = std::min(begin, series.times.front());
    data.t_window = std::max(data.t_window, series.times.back());
    longest = std::max(longest, series.times.size());
    data.hidden.push_back(static_cast<double>(data.hidden.size()) /
                          static_cast<double>(data.train.size()));
  }
  const double span = data.t_window - begin;
  data.t0 = begin - span / static_cast<double>(longest);
  data.t_end = data.t_window + span;
  data.test = data.train;
  data.hidden_name = "number of the series";
}

}  // namespace

void draw_seen(Index length, std::vector<int>& seen, Rng& rng) {
  if (static_cast<Index>(seen.size()) > length) seen.resize(static_cast<std::size_t>(length));
  auto next = seen.begin();
  for (Index i = 0; next != seen.end(); ++i) {  // selection sampling [fan1962]
    const auto left = static_cast<std::uint32_t>(length - i);
    if (static_cast<Index>(rng.below(left)) < seen.end() - next) *next++ = static_cast<int>(i);
  }
}

Data make_data(const Options& options, const OwnTrajectories& own, Rng& rng) {
  Data data;
  const int observations = options.observations;
  if (const SeriesFamily* family = find_series_family(options.data)) {
    const double noise = options.noise;
    const std::vector<double> times = family->make_times(rng);
    const SeriesSet train = family->make(times, train_series, false, rng);
    const SeriesSet test = family->make(times, test_series, true, rng);
    data.dim = family->dim;
    data.train = observe(train, noise, rng);
    data.test = observe(test, noise, rng);
    for (const Matrix<double>& exact : test.exact) data.truth.push_back({test.times, exact});
    data.hidden = test.hidden;
    data.hidden_name = family->hidden;
    data.t_window = times[static_cast<std::size_t>(test.window) - 1];
    data.t_end = times.back();
    data.t0 = times[0] - (data.t_window - times[0]) / static_cast<double>(test.window);
  } else {
    use_own(data, own);
  }
  const auto draw_all = [&](const std::vector<Trajectory>& from,
                            std::vector<std::vector<int>>& seen) {
    for (const Trajectory& series : from) {
      seen.emplace_back(static_cast<std::size_t>(observations));
      draw_seen(series.y.cols(), seen.back(), rng);
    }
  };
  draw_all(data.train, data.train_seen);
  draw_all(data.test, data.test_seen);
  standardise(data);
  return data;
}

void fill_batch(const Data& data, const std::vector<Trajectory>& from,
                const std::vector<std::vector<int>>* seen, const std::vector<int>& series,
                SeriesBatch<float>& batch) {
  const auto index = [](int k) { return static_cast<std::size_t>(k); };
  const auto length = [&](int k) {
    return seen ? static_cast<Index>((*seen)[index(k)].size()) : from[index(k)].y.cols();
  };
  const auto size = static_cast<Index>(series.size());
  Index longest = 0, shortest = length(series[0]);
  for (const int k : series) {
    longest = std::max(longest, length(k));
    shortest = std::min(shortest, length(k));
  }
  batch.t0 = data.t0;
  batch.times.resize(longest, size);
  batch.x.resize(data.dim, longest * size);
  batch.count.clear();
  for (Index s = 0; s < size; ++s) {
    const int k = series[static_cast<std::size_t>(s)];
    const Trajectory& whole = from[index(k)];
    const Index count = length(k);
    if (shortest < longest) batch.count.push_back(static_cast<int>(count));
    for (Index i = 0; i < longest; ++i) {
      if (i >= count) {  // only fills up
        batch.times(i, s) = i == 0 ? data.t0 + 1e-3 : batch.times(i - 1, s) + 1e-3;
        batch.x.col(i * size + s).setZero();
        continue;
      }
      const Index at = seen ? (*seen)[index(k)][static_cast<std::size_t>(i)] : i;
      batch.times(i, s) = whole.times[static_cast<std::size_t>(at)];
      for (Index d = 0; d < data.dim; ++d)
        batch.x(d, i * size + s) = data.to_model(whole.y(d, at), d);
    }
  }
}

void fill_batch(const Data& data, const Trajectory& series, Index copies,
                SeriesBatch<float>& batch) {
  fill_batch(data, {series}, nullptr, std::vector<int>(static_cast<std::size_t>(copies), 0), batch);
}

}  // namespace neural_ode::latent
