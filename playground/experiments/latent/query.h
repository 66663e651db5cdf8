// The series in the picture of `latent`: its observations, which a person may change, and what the
// model makes of them. Changing them changes no training.
#pragma once

#include "engine/data/trajectories.h"
#include "engine/models/latent_model.h"
#include "playground/contract/experiment.h"
#include "playground/experiments/latent/data.h"
#include "playground/own_data/undo_stack.h"

namespace neural_ode::latent {

class Query {
 public:
  void start(Trajectory observations);
  const Trajectory& observations() const { return now_; }
  bool edited() const { return edited_; }

  // An observation of all coordinates at time t, kept in the order of time.
  Status add(double t, const Vector<double>& y);
  Status remove(Index i);
  void clear();
  Status undo();

  // q(z0 | observations): what the encoder says and, for edited observations, a few steps from
  // there up the evidence lower bound of this one series. False: the latent ODE could not be
  // solved.
  bool infer(const Data& data, LatentModel<float>& model, const Vector<float>& theta);
  const Vector<float>& mean() const { return mean_; }                  // L
  const Vector<float>& log_variance() const { return log_variance_; }  // L

 private:
  bool refine(const Data& data, LatentModel<float>& model, const Vector<float>& theta);

  Trajectory now_;
  bool edited_ = false;
  UndoStack<Trajectory> undo_;
  SeriesBatch<float> batch_;
  Vector<float> mean_, log_variance_;
};

}  // namespace neural_ode::latent
