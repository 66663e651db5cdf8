// All of the engine.
#pragma once

// core
#include "engine/core/math.h"
#include "engine/core/nearest_name.h"
#include "engine/core/parallel.h"
#include "engine/core/result.h"
#include "engine/core/rng.h"
#include "engine/core/types.h"
#include "engine/version.h"
// ode: solve(field, y0, times, options)
#include "engine/ode/event.h"
#include "engine/ode/formula_field.h"
#include "engine/ode/solve.h"
#include "engine/ode/solver.h"
#include "engine/ode/tableau.h"
#include "engine/ode/vector_field.h"
// nn: layers with their reverse, and losses
#include "engine/nn/activation.h"
#include "engine/nn/losses.h"
#include "engine/nn/mlp.h"
#include "engine/nn/parameter_layout.h"
// fields: the f of dy/dt = f(t, y, theta)
#include "engine/fields/hamiltonian_field.h"
#include "engine/fields/mlp_field.h"
#include "engine/fields/systems.h"
// gradient: gradient(field, y0, times, loss, options)
#include "engine/gradient/differentiate.h"
#include "engine/gradient/gradient.h"
#include "engine/gradient/hybrid.h"
// train
#include "engine/train/multiple_shooting.h"
#include "engine/train/optimizer.h"
#include "engine/train/schedule.h"
#include "engine/train/windows_loss.h"
// data
#include "engine/data/csv.h"
#include "engine/data/labelled_points.h"
#include "engine/data/plane_densities.h"
#include "engine/data/series.h"
#include "engine/data/trajectories.h"
// analysis
#include "engine/analysis/convergence.h"
#include "engine/analysis/gradient_check.h"
#include "engine/analysis/linearisation.h"
#include "engine/analysis/lyapunov.h"
#include "engine/analysis/recorded_solve.h"
#include "engine/analysis/stability.h"
// models
#include "engine/models/classifier.h"
#include "engine/models/density_model.h"
#include "engine/models/flow_matching.h"
#include "engine/models/latent_model.h"
#include "engine/models/ode_net.h"
#include "engine/models/series_filter.h"
