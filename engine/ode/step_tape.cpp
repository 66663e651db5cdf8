#include "engine/ode/step_tape.h"

namespace neural_ode {

template <class Scalar>
void StepTape<Scalar>::clear(Index width, Recording recording) {
  width_ = width;
  recording_ = recording;
  begins_.clear();
  methods_.clear();
  samples_.clear();
  outputs_.clear();
  t_.clear();
  h_.clear();
  y_.clear();
}

template <class Scalar>
void StepTape<Scalar>::begin_step(const ButcherTableau& method) {
  begins_.push_back(samples_.size());
  methods_.push_back(&method);
}

template <class Scalar>
void StepTape<Scalar>::add(int sample, int output, double t, double h, const Scalar* y,
                           Index size) {
  samples_.push_back(sample);
  outputs_.push_back(output);
  t_.push_back(t);
  h_.push_back(h);
  append(y, size);
}

template <class Scalar>
void StepTape<Scalar>::append(const Scalar* more, Index size) {
  if (recording_ == Recording::states) y_.insert(y_.end(), more, more + size);
}

template <class Scalar>
typename StepTape<Scalar>::Step StepTape<Scalar>::step(std::size_t index) const {
  const std::size_t begin = begins_[index];
  const std::size_t end = index + 1 < begins_.size() ? begins_[index + 1] : samples_.size();
  Step step;
  step.method = methods_[index];
  step.samples = std::span(samples_).subspan(begin, end - begin);
  step.outputs = std::span(outputs_).subspan(begin, end - begin);
  step.t = t_.data() + begin;
  step.h = h_.data() + begin;
  if (recording_ == Recording::states)
    step.y = y_.data() + begin * static_cast<std::size_t>(width_);
  return step;
}

template <class Scalar>
std::size_t StepTape<Scalar>::bytes() const {
  return begins_.size() * (sizeof(std::size_t) + sizeof(void*)) +
         samples_.size() * (2 * sizeof(int) + 2 * sizeof(double)) + y_.size() * sizeof(Scalar);
}

template class StepTape<float>;
template class StepTape<double>;

}  // namespace neural_ode
