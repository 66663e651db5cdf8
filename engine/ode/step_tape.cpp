#include "engine/ode/step_tape.h"

namespace neural_ode {

template <class Scalar>
void StepTape<Scalar>::clear(Index width, Recording recording, std::size_t record_bytes) {
  width_ = width;
  recording_ = recording;
  record_limit_ = record_bytes / sizeof(Scalar);
  record_entries_ = 0;
  begins_.clear();
  methods_.clear();
  records_.clear();
  samples_.clear();
  outputs_.clear();
  t_.clear();
  h_.clear();
  y_.clear();
}

template <class Scalar>
Scalar* StepTape<Scalar>::reserve_record(int first, int last, Index size) {
  const std::size_t end = record_entries_ + static_cast<std::size_t>((last - first) * size);
  if (end > record_limit_ || recording_ != Recording::states) return nullptr;
  if (end > evaluations_.size()) evaluations_.resize(end);
  reserved_ = {record_entries_, size, first, last};
  return evaluations_.data() + record_entries_;
}

template <class Scalar>
void StepTape<Scalar>::begin_step(const ButcherTableau& method, bool with_record) {
  begins_.push_back(samples_.size());
  methods_.push_back(&method);
  if (!with_record) return;
  records_.resize(begins_.size());
  records_.back() = reserved_;
  record_entries_ += static_cast<std::size_t>((reserved_.last - reserved_.first) * reserved_.size);
}

template <class Scalar>
void StepTape<Scalar>::drop_step() {
  const std::size_t begin = begins_.back();
  if (records_.size() == begins_.size()) {
    record_entries_ = records_.back().begin;
    records_.pop_back();
  }
  begins_.pop_back();
  methods_.pop_back();
  samples_.resize(begin);
  outputs_.resize(begin);
  t_.resize(begin);
  h_.resize(begin);
  if (recording_ == Recording::states) y_.resize(begin * static_cast<std::size_t>(width_));
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
  const Record record = index < records_.size() ? records_[index] : Record{};
  if (record.size > 0) {
    step.record = evaluations_.data() + record.begin;
    step.first_recorded = record.first;
    step.record_size = record.size;
  }
  return step;
}

template <class Scalar>
std::size_t StepTape<Scalar>::bytes() const {
  return begins_.size() * (sizeof(std::size_t) + sizeof(void*)) + records_.size() * sizeof(Record) +
         samples_.size() * (2 * sizeof(int) + 2 * sizeof(double)) +
         (y_.size() + record_entries_) * sizeof(Scalar);
}

template class StepTape<float>;
template class StepTape<double>;

}  // namespace neural_ode
