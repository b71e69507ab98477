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

Result<std::string> with_user_profile(std::string_view body, std::string_view user_profile_id) {
  if (user_profile_id.empty()) return std::string(body);
  auto edit = JsonEdit::read(body);
  if (!edit) return fail(edit);
  if (edit->find("user_profile_id") == nullptr) {
    std::string text;
    append_json_string(text, user_profile_id);
    edit->set("user_profile_id", std::move(text));
  }
  return edit->text();
}

}  // namespace weir::model
