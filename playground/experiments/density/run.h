// What one run of `density` holds: its picture is drawn from it.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>

#include "engine/core/types.h"
#include "engine/data/plane_densities.h"
#include "engine/models/density_model.h"
#include "engine/models/flow_matching.h"
#include "engine/models/planar_flow.h"
#include "engine/ode/solver.h"
#include "playground/experiments/density/parameters.h"
#include "playground/picture/plots.h"

namespace neural_ode::density {

inline constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

struct Scores {
  double loss = unknown, nll = unknown, kl = unknown, w2_squared = unknown;
  double reverse_kl = unknown, planar_nll = unknown;
  Count nfe = 0;  // to draw samples
};

// What was solved for the picture.
struct Shown {
  std::int64_t step = -1;
  Heatmap heatmap, planar_heatmap;  // no cells: none
  Paths paths;
  double mass = unknown;  // integral of the density over the picture
};

struct Run {
  Options options;
  View scale;                            // of own data: model coordinates to theirs
  const PlaneDensity* target = nullptr;  // null: own data
  const PlaneDensity* source = nullptr;
  Matrix<double> own;                             // 2 x N, own data as they are
  std::unique_ptr<DensityModel<float>> model;     // null: the settings cannot be run
  std::unique_ptr<FlowMatching<float>> matching;  // null: the flow is solved in training
  std::unique_ptr<PlanarFlow<float>> planar;      // null: no baseline
  std::unique_ptr<Solver<float>> solver, coarse;  // as set; for the picture
  Matrix<double> test_x, test_source;             // 2 x N, model coordinates
  Scores scores;
  Shown shown;

  // Parameters of the flow, valid until the next call, and of the planar flow beside it.
  const Vector<float>& field_theta(const Vector<float>& theta);
  VectorIn<float> planar_theta(const Vector<float>& theta) const {
    return theta.tail(planar->layout().size());
  }
  // The smallest loss there is where it is a likelihood or a divergence; NaN where unknown.
  double optimum() const;

  Vector<float> field_part;  // where there is a baseline
};

// --- scores.cpp
Scores score(Run& run, const Vector<float>& theta);

inline constexpr char planar_curve[] = "planar";  // test loss of the planar flow

}  // namespace neural_ode::density
