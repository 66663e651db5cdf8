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
  motions.origin = pelts.times.front();
  for (double& t : pelts.times) t -= motions.origin;
  for (Index d = 0; d < 2; ++d) {
    double mean = 0;
    for (Index i = 0; i < shown; ++i) mean += math::log(pelts.y(d, i)) / shown;
    motions.unit.push_back(math::exp(mean));
    for (Index i = 0; i < pelts.y.cols(); ++i) pelts.y(d, i) = math::log(pelts.y(d, i)) - mean;
  }
  motions.observed = {std::move(pelts)};
  motions.time_label = "year";
  motions.names = {"hares", "lynxes"};
  motions.axes = {"hares, thousands of pelts", "lynxes, thousands of pelts"};
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
      empty = empty && dropped;
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
  return unit.empty() ? y : unit[static_cast<std::size_t>(coordinate)] * math::exp(y);
}

double ObservedMotions::rate(Index coordinate, double y, double dy) const {
  return unit.empty() ? dy : value(coordinate, y) * dy;
}

double ObservedMotions::from_value(Index coordinate, double value) const {
  if (unit.empty()) return value;
  if (!(value > 0)) return unknown;
  return math::log(value / unit[static_cast<std::size_t>(coordinate)]);
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
      for (Index i = first; i < truth.cols(); ++i) error.add(sum / count, truth(d, i));
    }
  }
  return error.value();
}

ObservedMotions observe_motions(const Options& options, const OwnTrajectories& own,
                                std::uint64_t seed) {
  ObservedMotions motions;
  Rng rng(seed, Trainee::data_stream);
  const double span = options.train_span;
  const KnownData* known = find_known_data(options.data);
  if (known == nullptr) {
    motions.observed = own.trajectories();
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
