#include <memory>

#include "engine/models/series_decoder.h"

namespace neural_ode {
namespace {

template <class Scalar>
class RnnDecoder final : public SeriesDecoder<Scalar> {
 public:
  explicit RnnDecoder(const DecoderSpec& spec)
      : start_({{spec.latent_dim, spec.recurrent_hidden, Activation::identity, true}}),
        cell_(1, spec.recurrent_hidden),
        readout_(mlp_layers(spec.recurrent_hidden, spec.readout_hidden, 1, spec.data_dim,
                            spec.readout_activation)) {
    layout_.append("start.", start_.layout());
    cell_offset_ = layout_.append("cell.", cell_.layout());
    readout_offset_ = layout_.append("readout.", readout_.layout());
  }

  const ParameterLayout& layout() const override { return layout_; }
  void initialize(Rng& rng, VectorOut<Scalar> theta) const override {
    start_.initialize(rng, false, theta.head(cell_offset_));
    cell_.initialize(rng, theta.segment(cell_offset_, cell_.layout().size()));
    readout_.initialize(rng, false, theta.tail(readout_.layout().size()));
  }

  const SolveReport& forward(VectorIn<Scalar> theta, MatrixIn<Scalar> z0, double t0,
                             const Matrix<double>& times) override {
    const Index batch = z0.cols(), total = times.size();
    report_.reset(batch);
    records_.resize(cell_.record_rows(), total);
    h_.resize(cell_.hidden(), total);
    gap_.resize(1, batch);
    now_ = start_.forward(theta.head(cell_offset_), z0);
    for (Index i = 0; i < times.rows(); ++i) {
      for (Index s = 0; s < batch; ++s)
        gap_(0, s) = static_cast<Scalar>(times(i, s) - (i == 0 ? t0 : times(i - 1, s)));
      cell_.forward(theta.segment(cell_offset_, cell_.layout().size()), now_, gap_,
                    Vector<Scalar>(), records_.middleCols(i * batch, batch), now_);
      h_.middleCols(i * batch, batch) = now_;
    }
    x_ = readout_.forward(theta.tail(readout_.layout().size()), h_);
    return report_;
  }
  const Matrix<Scalar>& x() const override { return x_; }

  const SolveReport& pullback(VectorIn<Scalar> theta, MatrixIn<Scalar> x_bar,
                              MatrixOut<Scalar> z0_bar, VectorOut<Scalar> theta_bar) override {
    const Index batch = z0_bar.cols();
    h_bar_.resize(h_.rows(), h_.cols());
    readout_.pullback(theta.tail(readout_.layout().size()), x_bar, h_bar_,
                      theta_bar.tail(readout_.layout().size()));
    now_bar_.setZero(h_.rows(), batch);
    for (Index i = h_.cols() / batch; i-- > 0;) {
      now_bar_ += h_bar_.middleCols(i * batch, batch);
      cell_.pullback(theta.segment(cell_offset_, cell_.layout().size()),
                     records_.middleCols(i * batch, batch), now_bar_, now_bar_, none_,
                     theta_bar.segment(cell_offset_, cell_.layout().size()));
    }
    start_.pullback(theta.head(cell_offset_), now_bar_, z0_bar, theta_bar.head(cell_offset_));
    return report_;
  }

  const SolveReport& predict(VectorIn<Scalar> theta, MatrixIn<Scalar> z0, double t0,
                             const Matrix<double>& times) override {
    return forward(theta, z0, t0, times);
  }

  Count nfe_backward() const override { return 0; }
  std::size_t state_bytes() const override {
    return static_cast<std::size_t>(records_.size()) * sizeof(Scalar);
  }

 private:
  Mlp<Scalar> start_;
  GruCell<Scalar> cell_;
  Mlp<Scalar> readout_;
  ParameterLayout layout_;
  Index cell_offset_ = 0, readout_offset_ = 0;
  SolveReport report_;            // nothing is solved: always ok
  Matrix<Scalar> records_;        // R x T B
  Matrix<Scalar> h_, h_bar_, x_;  // H, H, D x T B
  Matrix<Scalar> now_, now_bar_;  // H x B
  Matrix<Scalar> gap_;            // 1 x B
  Matrix<Scalar> none_;           // stays empty: no cotangent of the gaps is wanted
};

}  // namespace

template <class Scalar>
std::unique_ptr<SeriesDecoder<Scalar>> make_rnn_decoder(const DecoderSpec& spec) {
  return std::make_unique<RnnDecoder<Scalar>>(spec);
}

template std::unique_ptr<SeriesDecoder<float>> make_rnn_decoder(const DecoderSpec&);
template std::unique_ptr<SeriesDecoder<double>> make_rnn_decoder(const DecoderSpec&);

}  // namespace neural_ode
