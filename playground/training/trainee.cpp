#include "playground/training/trainee.h"

#include <cmath>
#include <cstdlib>
#include <limits>
#include <string_view>
#include <utility>

#include "engine/train/schedule.h"
#include "playground/training/safetensors.h"
#include "playground/training/saved_run.h"

namespace neural_ode {

namespace {

constexpr char history_train[] = "history.train", history_test[] = "history.test";
constexpr std::string_view curve_prefix = "curve.";
constexpr std::int64_t max_steps = 1'000'000'000'000;

bool finite(const Vector<float>& values) {
  for (Index i = 0; i < values.size(); ++i) {
    if (!std::isfinite(values[i])) return false;
  }
  return true;
}

std::string moment_name(Index k) {
  return "optimizer.moment_" + std::to_string(k);
}

// theta of one slice (column-major) as a row-major tensor.
Tensor to_tensor(const ParameterSlice& slice, const Vector<float>& theta) {
  Tensor tensor;
  tensor.shape = {slice.rows, slice.cols};
  for (Index row = 0; row < slice.rows; ++row) {
    for (Index col = 0; col < slice.cols; ++col) {
      tensor.values.push_back(static_cast<double>(theta[slice.offset + col * slice.rows + row]));
    }
  }
  return tensor;
}

Tensor to_tensor(std::vector<double> values) {
  return {Tensor::Type::f64, {static_cast<std::int64_t>(values.size())}, std::move(values)};
}

Error unfit(const std::string& what) {
  return Error{"the saved run does not fit these settings: " + what};
}

std::string shape_text(const std::vector<std::int64_t>& shape) {
  std::string text;
  for (const std::int64_t extent : shape) {
    text += (text.empty() ? "" : " x ") + std::to_string(extent);
  }
  return text.empty() ? "a single number" : text;
}

// The tensor of this name and shape, or why there is none.
Result<const Tensor*> expect(const TensorFile& file, const std::string& name,
                             const std::vector<std::int64_t>& shape) {
  const auto it = file.tensors.find(name);
  if (it == file.tensors.end()) return unfit("it has no tensor '" + name + "'");
  if (it->second.shape != shape) {
    return unfit("tensor '" + name + "' is " + shape_text(it->second.shape) + ", expected " +
                 shape_text(shape));
  }
  for (const double value : it->second.values) {
    if (!std::isfinite(value)) return unfit("tensor '" + name + "' holds NaN or infinity");
  }
  return &it->second;
}

// A decimal integer that fills the text.
bool read_integer(const TensorFile& file, const char* name, std::uint64_t& value) {
  const auto it = file.metadata.find(name);
  if (it == file.metadata.end() || it->second.empty() || it->second.size() > 20 ||
      it->second.find_first_not_of("0123456789") != std::string::npos) {
    return false;
  }
  value = std::strtoull(it->second.c_str(), nullptr, 10);
  return true;
}

Status check_kind(const TensorFile& file, const std::string& experiment,
                  const std::string& optimizer) {
  const auto metadata = [&](const char* name) {
    const auto it = file.metadata.find(name);
    return it == file.metadata.end() ? std::string() : it->second.substr(0, 60);
  };
  if (metadata("experiment") != experiment) {
    return unfit("it is of the experiment '" + metadata("experiment") + "', not '" + experiment +
                 "'");
  }
  if (metadata("optimizer") != optimizer) {
    return unfit("it was trained with the optimiser '" + metadata("optimizer") + "', not '" +
                 optimizer + "'");
  }
  return {};
}

Result<Vector<float>> read_theta(const TensorFile& file, const ParameterLayout& layout,
                                 Index size) {
  Vector<float> theta(size);
  for (const ParameterSlice& slice : layout.slices()) {
    const auto tensor = expect(file, slice.name, {slice.rows, slice.cols});
    if (!tensor) return Error{tensor.error()};
    auto value = tensor.value()->values.begin();
    for (Index row = 0; row < slice.rows; ++row) {
      for (Index col = 0; col < slice.cols; ++col) {
        theta[slice.offset + col * slice.rows + row] = static_cast<float>(*value++);
      }
    }
  }
  return theta;
}

// moments: P x m; what is replaced.
Result<Matrix<float>> read_moments(const TensorFile& file, Matrix<float> moments) {
  for (Index k = 0; k < moments.cols(); ++k) {
    const auto tensor = expect(file, moment_name(k), {moments.rows()});
    if (!tensor) return Error{tensor.error()};
    for (Index i = 0; i < moments.rows(); ++i) {
      moments(i, k) = static_cast<float>(tensor.value()->values[static_cast<std::size_t>(i)]);
    }
  }
  return moments;
}

struct Counters {
  std::int64_t step = 0;
  double loss = 0;
  Rng::State rng;
};

Result<Counters> read_counters(const TensorFile& file) {
  std::uint64_t step = 0, optimizer_steps = 0, loss = 0, spare = 0, has_spare = 0;
  Counters counters;
  Rng::State& rng = counters.rng;
  if (!read_integer(file, "step", step) ||
      !read_integer(file, "optimizer_steps", optimizer_steps) ||
      !read_integer(file, "loss_bits", loss) || !read_integer(file, "rng_state", rng.state) ||
      !read_integer(file, "rng_increment", rng.increment) ||
      !read_integer(file, "rng_spare_bits", spare) ||
      !read_integer(file, "rng_has_spare", has_spare) || step > max_steps ||
      optimizer_steps != step) {
    return unfit("its counters or its random generator are missing or malformed");
  }
  rng.spare = __builtin_bit_cast(double, spare);
  rng.has_spare = has_spare != 0;
  counters.step = static_cast<std::int64_t>(step);
  counters.loss = __builtin_bit_cast(double, loss);
  return counters;
}

Status read_curves(const TensorFile& file, CurveHistory& train, CurveHistory& test,
                   std::map<std::string, CurveHistory>& curves) {
  for (const auto& [name, curve] : {std::pair(history_train, &train), {history_test, &test}}) {
    const auto tensor = file.tensors.find(name);
    if (tensor == file.tensors.end() || !curve->unpack(tensor->second.values))
      return unfit("its loss curves are missing or malformed");
  }
  for (const auto& [name, tensor] : file.tensors) {
    if (name.rfind(curve_prefix, 0) != 0) continue;
    if (!curves[name.substr(curve_prefix.size())].unpack(tensor.values)) {
      return unfit("its curve '" + name + "' is malformed");
    }
  }
  return {};
}

}  // namespace

void Trainee::start(const Settings& settings, std::uint64_t seed, std::int64_t schedule_steps,
                    const ParameterLayout& layout, Vector<float> initial_theta) {
  settings_ = settings;
  seed_ = seed;
  schedule_steps_ = schedule_steps;
  layout_ = layout;
  theta_ = std::move(initial_theta);
  clip_apart_ = 0;
  optimizer_ = make_optimizer<float>(settings.choice("optimizer"), theta_.size());
  rng_ = Rng(seed, batch_stream);
  before_ = rng_.state();
  step_ = 0;
  loss_ = std::numeric_limits<double>::quiet_NaN();
  train_.clear();
  test_.clear();
  curves_.clear();
}

const CurveHistory& Trainee::curve(const std::string& name) const {
  static const CurveHistory none;
  const auto it = curves_.find(name);
  return it == curves_.end() ? none : it->second;
}

void Trainee::begin() {
  before_ = rng_.state();
}

StepReport Trainee::finish(double loss, const SolveReport& solve, Vector<float>& theta_bar) {
  StepReport report;
  report.step = step_;
  report.loss = loss;
  // A gradient that is not finite has no sample to blame; neither has its solution.
  const bool of_gradient = solve.status == SolveStatus::non_finite && solve.sample < 0;
  if (solve.status != SolveStatus::ok && !of_gradient) {
    report.message = solve.message();
  } else if (!std::isfinite(loss)) {
    report.message = std::isnan(loss) ? "the loss became NaN" : "the loss became infinite";
  } else if (of_gradient || !finite(theta_bar)) {
    report.message = "the gradient of the loss is no longer finite";
  }
  if (!report.message.empty()) {
    report.ok = false;
    rng_.restore(before_);
    return report;
  }
  const double clip = settings_.number("clip");
  if (clip_apart_ > 0) clip_by_norm<float>(theta_bar.head(clip_apart_), clip);
  clip_by_norm<float>(theta_bar.tail(theta_bar.size() - clip_apart_), clip);
  // Training beyond the default steps begins another round of the schedule (warm restarts
  // [loshchilov2017]).
  const double factor =
      schedule_factor(settings_.choice("schedule"), step_ % schedule_steps_, schedule_steps_);
  optimizer_->step(theta_, theta_bar, settings_.number("learning_rate") * factor);
  ++step_;
  loss_ = loss;
  train_.add(step_, loss);
  report.step = step_;
  return report;
}

std::vector<std::uint8_t> Trainee::save(const std::string& experiment,
                                        std::optional<std::string> own_data) const {
  TensorFile file;
  for (const ParameterSlice& slice : layout_.slices()) {
    file.tensors[slice.name] = to_tensor(slice, theta_);
  }
  const Matrix<float> moments = optimizer_->moments();
  for (Index k = 0; k < moments.cols(); ++k) {
    Tensor& tensor = file.tensors[moment_name(k)];
    tensor.shape = {moments.rows()};
    for (Index i = 0; i < moments.rows(); ++i) {
      tensor.values.push_back(static_cast<double>(moments(i, k)));
    }
  }
  file.tensors[history_train] = to_tensor(train_.pack());
  file.tensors[history_test] = to_tensor(test_.pack());
  for (const auto& [name, curve] : curves_) {
    file.tensors[std::string(curve_prefix) + name] = to_tensor(curve.pack());
  }
  const Rng::State rng = rng_.state();
  file.metadata = describe_run({experiment, seed_, step_, {}, std::move(own_data)}, settings_);
  file.metadata.insert(
      {{"loss_bits", std::to_string(__builtin_bit_cast(std::uint64_t, loss_))},
       {"optimizer", settings_.choice("optimizer")},
       {"optimizer_steps", std::to_string(optimizer_->steps())},
       {"rng_state", std::to_string(rng.state)},
       {"rng_increment", std::to_string(rng.increment)},
       {"rng_spare_bits", std::to_string(__builtin_bit_cast(std::uint64_t, rng.spare))},
       {"rng_has_spare", rng.has_spare ? "1" : "0"}});
  return write_safetensors(file);
}

Status Trainee::load(const std::string& experiment, std::span<const std::uint8_t> bytes) {
  const auto read = read_safetensors(bytes);
  if (!read) return Error{read.error()};
  const TensorFile& file = read.value();
  if (Status status = check_kind(file, experiment, settings_.choice("optimizer")); !status)
    return status;

  // Read whole before anything changes.
  auto theta = read_theta(file, layout_, theta_.size());
  if (!theta) return Error{theta.error()};
  const auto moments = read_moments(file, optimizer_->moments());
  if (!moments) return Error{moments.error()};
  const auto counters = read_counters(file);
  if (!counters) return Error{counters.error()};
  CurveHistory train, test;
  std::map<std::string, CurveHistory> curves;
  if (Status status = read_curves(file, train, test, curves); !status) return status;

  theta_ = std::move(theta.value());
  optimizer_->restore(moments.value(), static_cast<long>(counters.value().step));
  rng_.restore(counters.value().rng);
  before_ = counters.value().rng;
  step_ = counters.value().step;
  loss_ = counters.value().loss;
  train_ = std::move(train);
  test_ = std::move(test);
  curves_ = std::move(curves);
  return {};
}

}  // namespace neural_ode
