// The functions behind window.playground that concern the session: a name and JSON arguments in,
// JSON out. The platform's main exports `call` to JavaScript and forwards events;
// web/page/playground.js makes the object of it.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "web/app/session/session.h"

namespace neural_ode::web {

class Api {
 public:
  explicit Api(Session& session);

  // Functions                                   Results
  //   version, experiments, get, metrics, frame   JSON values
  //   set {name: value, ...}                      {notes: [...]} what was clamped or ignored, and
  //                                               what is used instead
  //   open {experiment}, play, pause, reset {keepSeed}, rewind, undo, speed {steps_per_second}
  //   step {n, id}, until {step, id}              `done` event with that id
  //   data                                        {csv}
  //   setData {csv, id}, load {bytes: base64, id}  `accepted` or `error` event with that id
  //   save {id}                                   `saved` event with that id, {bytes: base64}
  //   openLink {address}, link                    link: the hash, "#v=1&..."
  //   suspend {hidden}, note {message}
  //   status                                      {text}: the picture in words
  // An unknown name or malformed arguments give {"error": "..."}; everything else gives at least
  // {}.
  std::string call(std::string_view name, std::string_view arguments_json);

  // Events for JavaScript, as JSON: ready, state, metrics, diverged, done, error, note, data,
  // saved.
  void listen(std::function<void(const std::string& event_json)> listener);

 private:
  Session& session_;
};

}  // namespace neural_ode::web
