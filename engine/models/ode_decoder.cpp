#include <algorithm>
#include <memory>
#include <vector>

#include "engine/models/series_decoder.h"
#include "engine/ode/solver.h"

namespace neural_ode {
namespace {

template <class Scalar>
class OdeDecoder final : public SeriesDecoder<Scalar> {
 public:
  explicit OdeDecoder(const DecoderSpec& spec)
      : field_(
            mlp_layers(spec.latent_dim, spec.hidden, spec.layers, spec.latent_dim, spec.activation),
            false),
        readout_(mlp_layers(spec.latent_dim, spec.readout_hidden, 1, spec.data_dim,
                            spec.readout_activation)),
        // The model cuts batches into tiles itself, encoder and all.
        gradient_(spec.gradient->make<Scalar>(spec.solver, {.times = false, .tile = 0})),
        solver_(spec.solver) {
    layout_.append("field.", field_.mlp().layout());
    readout_offset_ = layout_.append("readout.", readout_.layout());
  }

  const ParameterLayout& layout() const override { return layout_; }
  void initialize(Rng& rng, VectorOut<Scalar> theta) const override {
    field_.mlp().initialize(rng, false, theta.head(readout_offset_));
    readout_.initialize(rng, false, theta.tail(theta.size() - readout_offset_));
  }

  const SolveReport& forward(VectorIn<Scalar> theta, MatrixIn<Scalar> z0, double t0,
                             const Matrix<double>& times) override {
    prepare(theta, t0, times);
    const SolveReport& report = gradient_->forward(field_, z0, solve_times_);
    if (report.succeeded()) read_out(theta, gradient_->states());
    return report;
  }
  const Matrix<Scalar>& x() const override { return x_; }

  const SolveReport& pullback(VectorIn<Scalar> theta, MatrixIn<Scalar> x_bar,
                              MatrixOut<Scalar> z0_bar, VectorOut<Scalar> theta_bar) override {
    const Index batch = z0_bar.cols();
    z_bar_.resize(z_.rows(), z_.cols());
    readout_.pullback(theta.tail(theta.size() - readout_offset_), x_bar, z_bar_,
                      theta_bar.tail(theta.size() - readout_offset_));
    states_bar_.resize(static_cast<std::size_t>(solve_times_.rows()));
    states_bar_[0].setZero(z_.rows(), batch);
    for (std::size_t i = 1; i < states_bar_.size(); ++i)
      states_bar_[i] = z_bar_.middleCols(static_cast<Index>(i - 1) * batch, batch);
    const SolveReport& report = gradient_->backward(field_, states_bar_);
    if (report.succeeded()) {
      z0_bar = gradient_->y0_bar();
      theta_bar.head(readout_offset_) += gradient_->theta_bar();
    }
    return report;
  }

  const SolveReport& predict(VectorIn<Scalar> theta, MatrixIn<Scalar> z0, double t0,
                             const Matrix<double>& times) override {
    prepare(theta, t0, times);
    const SolveReport& report = solver_.solve(field_, z0, solve_times_);
    if (report.succeeded()) read_out(theta, solver_.states());
    return report;
  }

  Count nfe_backward() const override { return gradient_->nfe_backward(); }
  std::size_t state_bytes() const override { return gradient_->state_bytes(); }

 private:
  void prepare(VectorIn<Scalar> theta, double t0, const Matrix<double>& times) {
    field_.bind(theta.data());
    solve_times_.resize(times.rows() + 1, times.cols());
    solve_times_.row(0).setConstant(t0);
    solve_times_.bottomRows(times.rows()) = times;
  }
  void read_out(VectorIn<Scalar> theta, const std::vector<Matrix<Scalar>>& states) {
    const Index batch = states[0].cols();
    z_.resize(states[0].rows(), static_cast<Index>(states.size() - 1) * batch);
    for (std::size_t i = 1; i < states.size(); ++i)
      z_.middleCols(static_cast<Index>(i - 1) * batch, batch) = states[i];
    x_ = readout_.forward(theta.tail(theta.size() - readout_offset_), z_);
  }

  MlpField<Scalar> field_;
  Mlp<Scalar> readout_;
  std::unique_ptr<Gradient<Scalar>> gradient_;
  Solver<Scalar> solver_;
  ParameterLayout layout_;
  Index readout_offset_ = 0;
  Matrix<double> solve_times_;              // T + 1 x B, t0 first
  Matrix<Scalar> z_, z_bar_, x_;            // L, L, D x T B
  std::vector<Matrix<Scalar>> states_bar_;  // T + 1 of L x B
};

}  // namespace

template <class Scalar>
std::unique_ptr<SeriesDecoder<Scalar>> make_ode_decoder(const DecoderSpec& spec) {
  return std::make_unique<OdeDecoder<Scalar>>(spec);
}

template std::unique_ptr<SeriesDecoder<float>> make_ode_decoder(const DecoderSpec&);
template std::unique_ptr<SeriesDecoder<double>> make_ode_decoder(const DecoderSpec&);

}  // namespace neural_ode
