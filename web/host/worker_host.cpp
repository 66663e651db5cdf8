// The trainer in a Web Worker. The page's JavaScript starts the worker while this module still
// loads, and gives Module.trainer = {post(bytes), messages: [{json: Uint8Array, blob: ArrayBuffer |
// null}, ...]}.
#include <emscripten.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "web/host/trainer_host.h"

// clang-format off
EM_JS(void, post_to_trainer, (const char* json, int size), {
  Module["trainer"]["post"](HEAPU8.slice(json, json + size));
});

// Sizes of the first message in waiting; false when there is none.
EM_JS(int, next_from_trainer, (int* json_size, int* blob_words), {
  const message = Module["trainer"]["messages"][0];
  if (!message) return 0;
  HEAP32[json_size >> 2] = message["json"].length;
  HEAP32[blob_words >> 2] = message["blob"] ? message["blob"].byteLength >> 2 : 0;
  return 1;
});

EM_JS(void, take_from_trainer, (char* json, std::uint32_t* blob), {
  const message = Module["trainer"]["messages"].shift();
  HEAPU8.set(message["json"], json);
  if (message["blob"]) HEAPU8.set(new Uint8Array(message["blob"]), blob);
});
// clang-format on

namespace neural_ode::web {
namespace {

class WorkerHost final : public TrainerHost {
 public:
  void post(std::string command_json) override {
    post_to_trainer(command_json.data(), static_cast<int>(command_json.size()));
  }

  void poll(const std::function<void(const Message&)>& receive) override {
    int json_size = 0, blob_words = 0;
    while (next_from_trainer(&json_size, &blob_words)) {
      message_.json.resize(static_cast<std::size_t>(json_size));
      message_.blob.resize(static_cast<std::size_t>(blob_words));
      take_from_trainer(message_.json.data(), message_.blob.data());
      receive(message_);
    }
  }

 private:
  Message message_;
};

}  // namespace

std::unique_ptr<TrainerHost> make_trainer_host() {
  return std::make_unique<WorkerHost>();
}

}  // namespace neural_ode::web
