#include "playground/experiments/dynamics/data.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>

#include "engine/core/math.h"
#include "engine/data/hare_lynx.h"
#include "engine/train/windows_loss.h"
#include "playground/training/trainee.h"

namespace neural_ode::dynamics {

namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
constexpr int always_complete = 2;  // observations at the beginning of a motion

constexpr std::array table = {
    KnownData{"linear", "Linear spiral", "spiral", 20, 2},
    KnownData{"cubic", "Cubic spiral", "cubic_spiral", 20, 2},
    KnownData{"two_attractors", "Two attractors", "two_attractors", 10, 2},
    KnownData{"oscillator_position", "Oscillator, position only", "spiral", 20, 1},
    KnownData{"duffing", "Driven Duffing oscillator", "duffing", 12, 2},
    KnownData{"hare_lynx", "Hares and lynxes", "", 0, 2},
};

// Logarithms, centred on the geometric mean of the first `shown` years.
void read_hare_lynx(int shown, ObservedMotions& motions) {
  Trajectory pelts = hare_lynx();
  motions.units.t.origin = pelts.times.front();
  for (double& t : pelts.times) t = motions.units.t.to_model(t);
  for (Index d = 0; d < 2; ++d) {
    double mean = 0;
    for (Index i = 0; i < shown; ++i) mean += math::log(pelts.y(d, i)) / shown;
    motions.logarithm_of.push_back(math::exp(mean));
    for (Index i = 0; i < pelts.y.cols(); ++i) pelts.y(d, i) = math::log(pelts.y(d, i)) - mean;
  }
  motions.observed = {std::move(pelts)};
  motions.time_label = "year";
  motions.names = {"hares", "lynxes"};
  motions.axes = {"hares, thousands of pelts", "lynxes, thousands of pelts"};
}

// Observations before the first complete one, where a motion begins.
Index incomplete_beginning(const Trajectory& motion) {
  Index i = 0;
  while (i < motion.y.cols() && !motion.y.col(i).allFinite()) ++i;
  return i;
}

void read_own(const OwnTrajectories& own, ObservedMotions& motions) {
  motions.observed = own.trajectories();
  for (Trajectory& motion : motions.observed) {
    const Index skipped = incomplete_beginning(motion);
    motion.times.erase(motion.times.begin(), motion.times.begin() + skipped);
    motion.y = motion.y.rightCols(motion.y.cols() - skipped).eval();
  }
  motions.units = units_of(motions.observed);
  to_model(motions.units, motions.observed);
  const auto& names = own.names();
  motions.time_label = names[0];
  motions.names = motions.axes = {names[1], names[2]};
  show_times_from_start(motions.observed, motions.units.t, motions.time_label);
}

int shown_of(const Trajectory& trajectory, double span) {
  const auto count = static_cast<int>(trajectory.times.size());
  return std::clamp(static_cast<int>(std::lround(span * count)), 2, count);
}

// Drops each entry with probability `share`; an observation of which nothing is left is no
// observation. The number of those within the train span follows.
void drop(double share, Rng& rng, Trajectory& trajectory, int& shown) {
  const int count = static_cast<int>(trajectory.times.size()), full = shown;
  int kept = 0;
  for (int i = 0; i < count; ++i) {
    bool empty = true;
    for (Index d = 0; d < trajectory.y.rows(); ++d) {
      const bool dropped = i >= always_complete && rng.uniform() < share;
      trajectory.y(d, kept) = dropped ? unknown : trajectory.y(d, i);
      empty = empty && std::isnan(trajectory.y(d, kept));
    }
    trajectory.times[static_cast<std::size_t>(kept)] =
        trajectory.times[static_cast<std::size_t>(i)];
    if (!empty) ++kept;
    if (i + 1 == full) shown = kept;
  }
  trajectory.times.resize(static_cast<std::size_t>(kept));
  trajectory.y.conservativeResize(Eigen::NoChange, kept);
}

}  // namespace

std::span<const KnownData> known_data() {
  return table;
}

const KnownData* find_known_data(std::string_view choice) {
  for (const KnownData& data : table) {
    if (data.name == choice) return &data;
  }
  return nullptr;
}

double ObservedMotions::value(Index coordinate, double y) const {
  const auto d = static_cast<std::size_t>(coordinate);
  return logarithm_of.empty() ? units.y[d].from_model(y) : logarithm_of[d] * math::exp(y);
}

double ObservedMotions::rate(Index coordinate, double y, double dy) const {
  const double change = logarithm_of.empty() ? error_unit(coordinate) : value(coordinate, y);
  return change * dy / units.t.unit;
}

double ObservedMotions::from_value(Index coordinate, double value) const {
  const auto d = static_cast<std::size_t>(coordinate);
  if (logarithm_of.empty()) return units.y[d].to_model(value);
  if (!(value > 0)) return unknown;
  return math::log(value / logarithm_of[d]);
}

double ObservedMotions::mean_forecast_error() const {
  MeanSquare error;
  for (std::size_t k = 0; k < observed.size(); ++k) {
    const auto& truth = exact.empty() ? observed[k].y : exact[k].y;
    const Index first = exact.empty() ? shown[k] : exact_shown[k];
    for (Index d = 0; d < dim; ++d) {
      double sum = 0;
      int count = 0;
      for (Index i = 0; i < shown[k]; ++i) {
        const double y = observed[k].y(d, i);
        if (std::isnan(y)) continue;
        sum += y;
        ++count;
      }
      if (count == 0) continue;
      const double size = error_unit(d);
      for (Index i = first; i < truth.cols(); ++i)
        error.add(size * sum / count, size * truth(d, i));
    }
  }
  return error.value();
}

Status check_beginnings(const std::vector<Trajectory>& own) {
  constexpr Index needed = 4;
  for (std::size_t k = 0; k < own.size(); ++k) {
    const Index left = own[k].y.cols() - incomplete_beginning(own[k]);
    if (left >= needed) continue;
    return Error{"own data: a motion begins at its first row with both coordinates; trajectory " +
                 std::to_string(k) + " has " + std::to_string(left) +
                 " rows from there on, expected at least " + std::to_string(needed)};
  }
  return {};
}

ObservedMotions observe_motions(const Options& options, const OwnTrajectories& own,
                                std::uint64_t seed) {
  ObservedMotions motions;
  Rng rng(seed, Trainee::data_stream);
  const double span = options.train_span;
  const KnownData* known = find_known_data(options.data);
  if (known == nullptr) {
    read_own(own, motions);
  } else if (known->system.empty()) {
    read_hare_lynx(shown_of(hare_lynx(), span), motions);
  } else {
    TrajectorySet set = make_trajectories(known->system, options.trajectories, options.points,
                                          known->t_end, options.noise, rng);
    motions.exact = std::move(set.exact);
    motions.observed = std::move(set.observed);
    motions.dim = known->observed;
    for (Trajectory& motion : motions.observed) {
      motion.y.conservativeResize(motions.dim, Eigen::NoChange);
    }
  }
  for (const Trajectory& motion : motions.observed) motions.shown.push_back(shown_of(motion, span));
  motions.exact_shown = motions.shown;
  if (const double share = options.missing; share > 0) {
    for (std::size_t k = 0; k < motions.observed.size(); ++k) {
      drop(share, rng, motions.observed[k], motions.shown[k]);
    }
  }
  return motions;
}

}  // namespace neural_ode::dynamics
