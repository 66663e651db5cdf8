// What may be done by hand on the plots of `latent`.
#include <cmath>

#include "playground/experiments/latent/run.h"

namespace neural_ode::latent {

// Of series that the experiment makes itself, whose units are the model's.
Status edit_series(Run& run, const Edit& edit) {
  const bool plane = run.data.dim == 2;
  if (!edit.plot.empty() && edit.plot != (plane ? "plane" : "time"))
    return Error{"observations are added and removed on the first plot"};
  const Trajectory& now = run.query.observations();
  switch (edit.action) {
    case Edit::Action::add: {
      if (!std::isfinite(edit.x) || !std::isfinite(edit.y))
        return Error{"an observation needs finite coordinates"};
      // In the plane a point says nothing of its time: that at which the fit comes nearest.
      const double t = plane ? run.fit.nearest_time(edit.x, edit.y, run.data.t_window) : edit.x;
      if (t <= run.data.t0 || t > run.data.t_end)
        return Error{"an observation has a time after t0 and up to the end of the picture"};
      Vector<double> y(run.data.dim);
      if (plane) {
        y << edit.x, edit.y;
      } else {
        y << edit.y;
      }
      return run.query.add(t, y);
    }
    case Edit::Action::remove: {
      Index nearest = -1;
      double best = edit.radius * edit.radius;
      for (Index i = 0; i < now.y.cols(); ++i) {
        const double dx = (plane ? now.y(0, i) : now.times[static_cast<std::size_t>(i)]) - edit.x;
        const double dy = now.y(plane ? 1 : 0, i) - edit.y;
        if (dx * dx + dy * dy > best) continue;
        best = dx * dx + dy * dy;
        nearest = i;
      }
      return run.query.remove(nearest);
    }
    case Edit::Action::clear:
      run.query.clear();
      return {};
    case Edit::Action::undo:
      return run.query.undo();
  }
  return {};
}

Status edit_code(Run& run, const Vector<float>& theta, const Edit& edit) {
  if (edit.action == Edit::Action::clear) {
    run.dragged.resize(0);
    return {};
  }
  if (edit.action != Edit::Action::add) return Error{"a code is moved (add) or put back (clear)"};
  if (!std::isfinite(edit.x) || !std::isfinite(edit.y))
    return Error{"a code needs finite coordinates"};
  if (run.dragged.size() == 0) {
    infer(run, theta);
    run.dragged = run.query.mean();
  }
  run.dragged[run.axes[1]] = static_cast<float>(edit.y);
  run.dragged[run.axes[0]] =
      static_cast<float>(edit.x);  // the one that counts where they are the same
  return {};
}

}  // namespace neural_ode::latent
