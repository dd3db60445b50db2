// What of a module's code runs, or could crash the compiler, before there is a graph to be looked
// at.
#include <torch/csrc/jit/frontend/lexer.h>
#include <torch/csrc/jit/frontend/parser.h>
#include <torch/csrc/jit/frontend/tree_views.h>

#include <algorithm>
#include <set>
#include <string>

#include "internal.h"
#include "trust.h"

namespace vst {
namespace {

namespace jit = torch::jit;

// The parser, the compiler and the destructors of their trees call themselves, some kilobytes of
// stack a level. What torch.jit.save writes stays far below: each step is a statement of its own.
constexpr int kMaxNesting = 200;      // of brackets and blocks, as in Python
constexpr int kMaxOperators = 2000;   // in one statement
constexpr int kMaxElif = 200;         // each is within the one before it
constexpr int kMaxEmptyLines = 1000;  // the lexer skips each from within the one before it

bool blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f'; }

void check_empty_lines(const std::string& text) {
  int run = 0;
  for (size_t start = 0; start < text.size();) {
    const size_t end = std::min(text.find('\n', start), text.size());
    const auto first = std::find_if_not(text.begin() + start, text.begin() + end, blank);
    const bool empty = first == text.begin() + end || *first == '#' || *first == '\\';
    run = empty ? run + 1 : 0;
    TORCH_CHECK(run <= kMaxEmptyLines, "it has more than ", kMaxEmptyLines, " empty lines");
    start = end + 1;
  }
}

void check_depth(const std::shared_ptr<jit::Source>& source) {
  int nesting = 0, operators = 0, elifs = 0;
  for (jit::Lexer lexer(source); lexer.cur().kind != jit::TK_EOF; lexer.next()) {
    switch (lexer.cur().kind) {
      case jit::TK_INDENT:
        operators = 0;
        [[fallthrough]];
      case '(':
      case '[':
      case '{':
        ++nesting;
        break;
      case jit::TK_DEDENT:
      case ')':
      case ']':
      case '}':
        --nesting;
        break;
      case jit::TK_NEWLINE:
        operators = 0;
        continue;
      case jit::TK_ELIF:
        ++elifs;
        break;
      case ',':
      case jit::TK_NUMBER:
      case jit::TK_STRINGLITERAL:
      case jit::TK_IDENT:
        continue;
    }
    ++operators;
    TORCH_CHECK(nesting <= kMaxNesting, "it nests deeper than ", kMaxNesting);
    TORCH_CHECK(operators <= kMaxOperators, "a statement has more than ", kMaxOperators,
                " operators");
    TORCH_CHECK(elifs <= kMaxElif, "it has more than ", kMaxElif, " elif");
  }
}

bool is_constant(const jit::TreeRef& tree) {
  const auto all = [](const jit::TreeList& trees) {
    return std::all_of(trees.begin(), trees.end(), is_constant);
  };
  switch (tree->kind()) {
    case jit::TK_CONST:
    case jit::TK_STRINGLITERAL:
    case jit::TK_TRUE:
    case jit::TK_FALSE:
    case jit::TK_NONE:
    case jit::TK_VAR:  // inf, nan
      return true;
    case jit::TK_UNARY_MINUS:
    case jit::TK_LIST_LITERAL:
    case jit::TK_TUPLE_LITERAL:
    case jit::TK_DICT_LITERAL:
    case jit::TK_LIST:
      return all(tree->trees());
    case '.':  // CONSTANTS.c0, a value of an enumeration
      return is_constant(tree->tree(0));
    case jit::TK_APPLY: {
      const jit::Apply call(tree);
      if (call.callee().kind() != jit::TK_VAR || call.attributes().size() != 0) return false;
      const auto& name = jit::Var(call.callee()).name().name();
      if (name == "annotate") {
        return call.inputs().size() == 2 && is_constant(call.inputs()[1].tree());
      }
      return name == "float" && all(call.inputs().tree()->trees());
    }
    default:
      return false;
  }
}

// Checks definitions, and unless they are trusted also that nothing of them runs when imported.
class Definitions {
 public:
  explicit Definitions(bool trusted) : trusted_(trusted) {}

  void check_function(const jit::Def& def, bool method) const {
    if (trusted_) return;
    const auto& name = def.name().name();
    if (method && (name == "__setstate__" || name == "__getstate__")) {
      distrust("its method " + name + " runs while the model is loaded");
    }
    for (const auto& param : def.decl().params()) {
      check_constant(param.defaultValue(), "the default value of " + param.ident().name());
    }
  }

  void check_class(const jit::ClassDef& def) const {
    for (const auto& statement : def.body()) {
      if (statement.kind() == jit::TK_DEF) check_function(jit::Def(statement), true);
      if (statement.kind() != jit::TK_ASSIGN) continue;
      const jit::Assign assign(statement);
      check_form(assign);
      // __annotations__["0"] = Tensor, with a type that is looked up alone.
      if (!trusted_ && assign.lhs().kind() != jit::TK_SUBSCRIPT) {
        check_constant(assign.rhs(), "a value of the class " + def.name().name());
      }
    }
  }

 private:
  void check_constant(const jit::Maybe<jit::Expr>& value, const std::string& what) const {
    if (value.present() && !is_constant(value.get().tree())) {
      distrust(what + " is computed while the model is loaded");
    }
  }

  // libtorch takes the type of an attribute, or the value of a list that says what attributes are,
  // without asking whether it is there.
  void check_form(const jit::Assign& assign) const {
    static const std::set<std::string> lists{"__parameters__", "__buffers__", "__annotations__",
                                             "__forward_hooks__", "__forward_pre_hooks__"};
    const bool list = assign.lhs().kind() != jit::TK_VAR ||
                      lists.count(jit::Var(assign.lhs()).name().name()) != 0;
    TORCH_CHECK(list ? assign.rhs().present() : assign.type().present(),
                "a class has an attribute without a type");
  }

  const bool trusted_;
};

}  // namespace

void check_code_size(const std::string& text) {
  check_empty_lines(text);
  check_depth(std::make_shared<jit::Source>(text));
}

// Takes the definitions apart as libtorch does when it imports them.
void check_definitions(const std::string& text, bool trusted) {
  const Definitions definitions(trusted);
  jit::Parser parser(std::make_shared<jit::Source>(text));
  auto& lexer = parser.lexer();
  if (lexer.cur().kind == jit::TK_IDENT && lexer.cur().text() == "op_version_set") {
    lexer.next();
    for (const int kind : {int('='), int(jit::TK_NUMBER), int(jit::TK_NEWLINE)}) lexer.expect(kind);
  }
  while (lexer.cur().kind != jit::TK_EOF) {
    if (lexer.nextIf(jit::TK_IMPORT)) {
      do {
        lexer.expect(jit::TK_IDENT);
      } while (lexer.nextIf('.'));
      lexer.expect(jit::TK_NEWLINE);
    } else if (lexer.cur().kind == jit::TK_CLASS_DEF) {
      definitions.check_class(jit::ClassDef(parser.parseClass()));
    } else {
      definitions.check_function(jit::Def(parser.parseFunction(/*is_method=*/false)), false);
    }
  }
}

}  // namespace vst
