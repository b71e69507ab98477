#include "model/providers/cloud_request.h"

#include "base/json.h"
#include "base/json_edit.h"
#include "base/text.h"

namespace weir::model {

Result<std::string> model_segment(std::string_view model, std::string_view kept) {
  if (model.empty() || model == "." || model == "..") {
    Error error(Code::invalid_request, "the model \"" + std::string(model) + "\" cannot stand in a path",
                "name a model of the provider");
    error.field = "model";
    return fail(std::move(error));
  }
  return percent_encode(model, kept);
}

Result<std::string> messages_body(const MessagesInput& input) {
  auto edit = JsonEdit::read(input.body);
  if (!edit) return fail(edit);
  const JsonMember* model = edit->find("model");
  if (model == nullptr || json_string(model->value) != input.model)
    edit->set("model", json_text(input.model));
  if (!input.user_profile_id.empty() && edit->find("user_profile_id") == nullptr) {
    edit->set("user_profile_id", json_text(input.user_profile_id));
  }
  return edit->text();
}

std::string json_text(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

}  // namespace weir::model
