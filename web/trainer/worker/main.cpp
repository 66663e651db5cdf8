// The trainer as a WebAssembly module for a Web Worker or Node: bytes of JSON in, bytes of JSON and
// a blob out.
#include <emscripten.h>

#include <cstdint>
#include <string>
#include <utility>

#include "web/trainer/trainer.h"
#include "web/trainer/worker/part.h"

// clang-format off
EM_JS(void, emit_event, (const char* json, int json_size, const std::uint32_t* blob, int blob_words), {
  Module["emit"](HEAPU8.slice(json, json + json_size),
                 blob_words ? HEAPU8.slice(blob, blob + 4 * blob_words).buffer : null);
});
// clang-format on

namespace {

using neural_ode::web::Message;
using neural_ode::web::Trainer;

Trainer& trainer() {
  static Trainer instance(trainer_experiments(), [](const Message& message) {
    emit_event(message.json.data(), static_cast<int>(message.json.size()), message.blob.data(),
               static_cast<int>(message.blob.size()));
  });
  return instance;
}

std::string command;

}  // namespace

extern "C" {

// Room for a command of `size` bytes; written by JavaScript, then taken in by trainer_handle.
EMSCRIPTEN_KEEPALIVE char* trainer_command(int size) {
  command.resize(static_cast<std::size_t>(size < 0 ? 0 : size));
  return command.data();
}

EMSCRIPTEN_KEEPALIVE void trainer_handle() {
  trainer().handle(command);
}

// Whether this module can make the experiment whose name is in the room; gives it back.
EMSCRIPTEN_KEEPALIVE bool trainer_makes() {
  return trainer().makes(std::exchange(command, {}));
}

// The name of an experiment, `name_size` bytes, and what is provided for it, instead of a command;
// gives the room back. False: they were refused.
EMSCRIPTEN_KEEPALIVE bool trainer_provide(int name_size) {
  const std::string name = command.substr(0, static_cast<std::size_t>(name_size));
  command.erase(0, name.size());
  return static_cast<bool>(trainer().provide(name, std::exchange(command, {})));
}

EMSCRIPTEN_KEEPALIVE double trainer_run(double milliseconds) {
  return trainer().run(emscripten_get_now() + milliseconds, emscripten_get_now);
}
}
