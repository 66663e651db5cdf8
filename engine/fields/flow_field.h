// A continuous normalising flow as a vector field: a point, and the log density it gains on its
// way.
//
// The state is (D+1) x B, [z; ell], with
//   dz/dt = f = network([z; t]; theta) or network(z; theta),   d ell/dt = -tr(df/dz)
// [chen2018]. Hence ell(t_b) - ell(t_a) = log p(z(t_b)) - log p(z(t_a)) along a path, in either
// direction of time.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "engine/core/rng.h"
#include "engine/fields/flow_network.h"
#include "engine/ode/vector_field.h"

namespace neural_ode {

// Hutchinson's estimate is the mean of e^T (df/dz) e over probes e with E[e e^T] = I
// [hutchinson1989], each sample keeping its own probes for a whole solve [grathwohl2019]. With S
// the symmetric part of df/dz and K probes its variance is
//   rademacher (entries +-1):  (2/K) sum_{i != j} S_ij^2,   gaussian:  (2/K) |S|_F^2.
// none: the state is z alone.
enum class Trace { exact, rademacher, gaussian, none };

// What a path costs, on top of its likelihood [finlay2020]:
//   kinetic |f|^2 + jacobian |df/dz|_F^2,
// the norm by |(df/dz) e|^2, with the probes of the trace where it is estimated. Either keeps the
// flow easy to solve.
struct FlowPenalty {
  double kinetic = 0, jacobian = 0;
  bool any() const { return kinetic != 0 || jacobian != 0; }
  bool operator==(const FlowPenalty&) const = default;
};

// A network and its trace. With a penalty the state has a row more, its
// integral.
template <class Scalar>
class FlowField final : public VectorField<Scalar> {
 public:
  // The network has D + (time_input ? 1 : 0) inputs and D outputs. `probes` per sample, > 0; an
  // exact trace has none. No penalty without a trace.
  FlowField(FlowNetwork network, bool time_input, Trace trace = Trace::exact, int probes = 1,
            const FlowPenalty& penalty = {});

  const JetNetwork<Scalar>& network() const { return *network_; }
  // theta: P entries, read at every call and therefore outliving the field or the next bind.
  void bind(const Scalar* theta) { theta_ = theta; }
  // New probes for samples 0 ... batch - 1, drawn one sample after another; needed before a solve
  // unless the trace is exact or none (then nothing is drawn). Column p is sample p until `select`.
  void draw_probes(Index batch, Rng& rng);

  Index dim() const override {
    return network_->outputs() + (trace_ == Trace::none ? 0 : penalty_.any() ? 2 : 1);
  }
  Index parameter_count() const override { return network_->layout().size(); }
  const Scalar* bound_theta() const override { return theta_; }
  void reserve(Index batch) override;
  void select(std::span<const int> samples) override;
  void eval(TimesIn t, MatrixIn<Scalar> y, MatrixOut<Scalar> dy) override;
  // Second order in the network, by the pullback of the jet.
  void vjp(TimesIn t, MatrixIn<Scalar> y, MatrixIn<Scalar> a, MatrixOut<Scalar> y_bar,
           VectorOut<Scalar> theta_bar, TimesOut t_bar) override;
  // The record of the network and, where a penalty needs it, its image.
  Index record_size(Index batch) const override;
  void eval_recording(TimesIn t, MatrixIn<Scalar> y, MatrixOut<Scalar> dy, Scalar* record) override;
  void vjp_recorded(const Scalar* record, MatrixIn<Scalar> a, MatrixOut<Scalar> y_bar,
                    VectorOut<Scalar> theta_bar, TimesOut t_bar) override;
  // With the probes of the whole batch.
  std::unique_ptr<VectorField<Scalar>> clone() const override;
  bool follow(const VectorField<Scalar>& original) override;

 private:
  // The jet of z with the K directions of the trace as tangents, inputs x n(K+1).
  MatrixIn<Scalar> write_jet(TimesIn t, MatrixIn<Scalar> y);
  void write_probe_tangents(Index n);
  // dy from the network's image of the jet.
  void read_image(MatrixIn<Scalar> jet, MatrixIn<Scalar> image, MatrixOut<Scalar> dy) const;
  // The image's cotangent, D x n(K+1).
  MatrixIn<Scalar> image_bar(MatrixIn<Scalar> jet, MatrixIn<Scalar> image, MatrixIn<Scalar> a);
  void add_input_bar(Index n, MatrixOut<Scalar> y_bar, TimesOut t_bar) const;
  Eigen::Map<const Vector<Scalar>> theta() const { return {theta_, parameter_count()}; }

  bool estimated() const { return trace_ == Trace::rademacher || trace_ == Trace::gaussian; }

  FlowNetwork made_of_;
  std::unique_ptr<JetNetwork<Scalar>> network_;
  Trace trace_;
  FlowPenalty penalty_;
  int tangents_;  // K: D, the number of probes, or 0
  // tr = weight sum_k e_k^T (df/dz) e_k: 1, or 1/K
  Scalar weight_;
  Matrix<Scalar> probes_;               // D x samples K, those of sample s from column s K on
  std::vector<int> selected_;           // empty: columns are samples in order
  Matrix<Scalar> jet_, x_bar_, f_bar_;  // scratch: inputs (f_bar_: D) x batch (K+1)
  const Scalar* theta_ = nullptr;
};

extern template class FlowField<float>;
extern template class FlowField<double>;

// The first layer whose activation has no second derivative (relu), if any: where its slope jumps
// so does the trace, and no gradient of the trace knows. A likelihood is not to be trained with it.
std::optional<std::size_t> find_layer_without_curvature(std::span<const LayerSpec> layers);

}  // namespace neural_ode
