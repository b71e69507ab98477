// model/providers/cloud_request.h: a Messages request on its way into a cloud. Its body is edited by
// splicing: whatever the cloud's form does not demand stays byte for byte.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace weir::model {

// A checked Messages request (RequestReader), and what of its header decides about the body.
struct MessagesInput {
  std::string_view body;
  std::string_view model;  // as the cloud calls it
  bool stream = false;
  std::string_view betas = {};            // anthropic-beta, its fields joined
  std::string_view user_profile_id = {};  // anthropic-user-profile-id
};

struct CloudRequest {
  std::string target;  // path and query after the origin's base path
  std::string body;
  std::string betas = {};  // anthropic-beta to send; empty: no such field
};

// A model's name as one segment of a path. `kept` stays unescaped. invalid_request (field model): a name
// that a server could take for another path.
Result<std::string> model_segment(std::string_view model, std::string_view kept);

// The body for a cloud that speaks the Messages API itself (Mantle, Claude Platform on AWS, Foundry): the
// model under the cloud's name, and the profile's id where one is given, as Mantle reads it there. What the
// client wrote itself stays; where nothing differs, so does every byte.
Result<std::string> messages_body(const MessagesInput& input);

// A member of JSON: the model's name, a version.
std::string json_text(std::string_view text);

}  // namespace weir::model
