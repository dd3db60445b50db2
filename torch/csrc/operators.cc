// The operators that a model may use: those that compute from tensors, numbers, text and containers
// of them. None of them reads or writes files, prints, changes settings of the process, or lays
// hands on memory without a check.
#include <torch/csrc/jit/api/compilation_unit.h>
#include <torch/csrc/jit/api/function_impl.h>
#include <torch/csrc/jit/ir/ir.h>

#include <algorithm>
#include <set>
#include <sstream>
#include <string>
#include <unordered_set>

#include "internal.h"
#include "trust.h"

namespace vst {
namespace {

namespace jit = torch::jit;
using Names = std::unordered_set<std::string>;

// Of aten, without their overloads. Left out on purpose, beside what is not computation: operators
// that change what a tensor is rather than its elements (resize_, set_, squeeze_), since forward
// passes share weights; kernels of backends and of the backward pass, which rely on their callers'
// checks; sparse, nested and quantized tensors.
// These have a form that ends with an underscore and writes the result into the first input.
constexpr const char* kElements = R"(
abs absolute acos acosh add addbmm addcdiv addcmul addmm addmv addr angle arccos arccosh arcsin
arcsinh arctan arctan2 arctanh asin asinh atan atan2 atanh baddbmm bitwise_and bitwise_left_shift
bitwise_not bitwise_or bitwise_right_shift bitwise_xor ceil celu clamp clamp_max clamp_min clip
copysign cos cosh cumprod cumsum deg2rad digamma div divide dropout elu eq erf erfc erfinv exp exp2
expm1 fill fix float_power floor floor_divide fmod frac gcd ge gelu greater greater_equal gt
hardsigmoid hardswish hardtanh heaviside hypot i0 igamma igammac lcm ldexp le leaky_relu lerp less
less_equal lgamma log log10 log1p log2 logical_and logical_not logical_or logical_xor logit lt
masked_fill masked_scatter mish mul multiply mvlgamma nan_to_num ne neg negative nextafter not_equal
polygamma pow prelu rad2deg reciprocal relu relu6 remainder renorm round rsqrt rsub selu sgn sigmoid
sign silu sin sinc sinh sqrt square sub subtract tan tanh threshold tril triu true_divide trunc
xlogy zero alpha_dropout feature_alpha_dropout feature_dropout rrelu fill_diagonal index_add
index_copy index_fill index_put index_reduce put scatter scatter_add scatter_reduce copy bernoulli
cauchy exponential geometric log_normal normal random uniform
)";

constexpr const char* kTensors = R"(
adaptive_avg_pool1d adaptive_avg_pool2d adaptive_avg_pool3d adaptive_max_pool1d adaptive_max_pool2d
adaptive_max_pool3d affine_grid_generator avg_pool1d avg_pool2d avg_pool3d batch_norm bilinear
channel_shuffle col2im conv1d conv2d conv3d conv_tbc conv_transpose1d conv_transpose2d
conv_transpose3d convolution _convolution _convolution_mode embedding glu grid_sampler group_norm
gru gru_cell hardshrink im2col instance_norm layer_norm linear log_sigmoid log_softmax lstm
lstm_cell max_pool1d max_pool1d_with_indices max_pool2d max_pool2d_with_indices max_pool3d
max_pool3d_with_indices pixel_shuffle pixel_unshuffle rms_norm rnn_relu rnn_relu_cell rnn_tanh
rnn_tanh_cell scaled_dot_product_attention _native_multi_head_attention
_transformer_encoder_layer_fwd _scaled_dot_product_attention softmax softplus softshrink
_weight_norm norm_except_dim

constant_pad_nd pad _pad_circular _pad_enum reflection_pad1d reflection_pad2d reflection_pad3d
replication_pad1d replication_pad2d replication_pad3d one_hot upsample_bicubic2d upsample_bilinear2d
upsample_linear1d upsample_nearest1d upsample_nearest2d upsample_nearest3d upsample_trilinear3d
_upsample_bicubic2d_aa _upsample_bilinear2d_aa _upsample_nearest_exact1d _upsample_nearest_exact2d
_upsample_nearest_exact3d __interpolate __upsample __upsample_bilinear __upsample_nearest

bmm block_diag cartesian_prod cdist chain_matmul cholesky cholesky_inverse cholesky_solve corrcoef
cosine_similarity cov cross det diff dist dot einsum ger inner inverse kron linalg_cholesky
linalg_cond linalg_cross linalg_det linalg_diagonal linalg_eig linalg_eigh linalg_eigvals
linalg_eigvalsh linalg_householder_product linalg_inv linalg_lstsq linalg_lu linalg_lu_factor
linalg_matmul linalg_matrix_exp linalg_matrix_norm linalg_matrix_power linalg_matrix_rank
linalg_multi_dot linalg_norm linalg_pinv linalg_qr linalg_slogdet linalg_solve
linalg_solve_triangular linalg_svd linalg_svdvals linalg_tensorinv linalg_tensorsolve linalg_vander
linalg_vecdot linalg_vector_norm logdet matmul matrix_exp matrix_power mm mv outer pairwise_distance
pdist pinverse qr slogdet svd tensordot trace vander vdot triangular_solve

all allclose amax amin aminmax any argmax argmin argsort argwhere bincount bucketize combinations
count_nonzero cummax cummin cumulative_trapezoid equal frobenius_norm histc isclose isfinite isin
isinf isnan isneginf isposinf kthvalue logaddexp logaddexp2 logcumsumexp logsumexp max maximum mean
median min minimum mode msort nanmean nanmedian nanquantile nansum nonzero nonzero_numpy norm
nuclear_norm prod quantile sort std std_mean sum sum_to_size topk trapezoid trapz unique_consecutive
unique_dim _unique _unique2 var var_mean fmax fmin frexp gradient signbit special_digamma
special_entr special_erf special_erfc special_erfcx special_erfinv special_exp2 special_expit
special_expm1 special_gammainc special_gammaincc special_gammaln special_i0 special_i0e special_i1
special_i1e special_log1p special_log_ndtr special_log_softmax special_logit special_logsumexp
special_multigammaln special_ndtr special_ndtri special_polygamma special_psi special_round
special_sinc special_softmax special_xlog1py special_xlogy special_zeta

adjoint alias as_strided atleast_1d atleast_2d atleast_3d broadcast_tensors broadcast_to cat chunk
clone column_stack data concat concatenate contiguous detach diag diag_embed diagflat diagonal
dsplit dstack expand expand_as flatten flip fliplr flipud gather hsplit hstack index index_select
masked_select meshgrid moveaxis movedim narrow narrow_copy pad_sequence permute positive ravel
repeat repeat_interleave reshape reshape_as roll rot90 row_stack select select_scatter slice
slice_scatter split split_with_sizes squeeze stack swapaxes swapdims t take take_along_dim
tensor_split tile transpose unbind unflatten unfold unsafe_chunk unsafe_split
unsafe_split_with_sizes unsqueeze _unsafe_view view view_as vsplit vstack where mT mH matrix_H
numpy_T resolve_conj resolve_neg lift lift_fresh lift_fresh_copy _shape_as_tensor diagonal_scatter
as_strided_scatter view_copy slice_copy select_copy permute_copy expand_copy unsqueeze_copy
squeeze_copy transpose_copy t_copy alias_copy detach_copy unfold_copy split_copy
split_with_sizes_copy unbind_copy diagonal_copy as_strided_copy

arange as_tensor bartlett_window blackman_window empty empty_like empty_strided eye full full_like
hamming_window hann_window kaiser_window linspace logspace new_empty new_empty_strided new_full
new_ones new_zeros ones ones_like range scalar_tensor tensor tril_indices triu_indices zeros
zeros_like rand rand_like randint randint_like randn randn_like randperm multinomial

complex conj conj_physical _conj _conj_physical imag is_conj isreal polar real view_as_complex
view_as_real fft_fft fft_fft2 fft_fftfreq fft_fftn fft_fftshift fft_hfft fft_hfft2 fft_hfftn
fft_ifft fft_ifft2 fft_ifftn fft_ifftshift fft_ihfft fft_ihfft2 fft_ihfftn fft_irfft fft_irfft2
fft_irfftn fft_rfft fft_rfft2 fft_rfftfreq fft_rfftn istft stft

_cast_Byte _cast_Char _cast_Double _cast_Float _cast_Half _cast_Int _cast_Long _cast_Short can_cast
chalf cpu cuda device element_size get_device is_complex is_contiguous is_floating_point
is_inference is_neg is_nonzero is_same_size is_signed item _local_scalar_dense numel promote_types
result_type size storage_offset stride sym_numel sym_size sym_stride sym_storage_offset to _to_copy
_autocast_to_full_precision _autocast_to_reduced_precision type_as dim _tensor_to_list
_list_to_tensor _infer_size _size_if_not_equal _grad_sum_to_size _dim_arange _reshape_from_tensor
requires_grad_ is_leaf
)";

// Of aten, on numbers, text, lists and dictionaries.
constexpr const char* kValues = R"(
Bool Complex ComplexImplicit Float FloatImplicit Int IntImplicit ScalarImplicit Size __and__
__contains__ __derive_index __getitem__ __is__ __isnot__ __lshift__ __not__ __or__ __range_length
__round_to_zero_floordiv __rshift__ __xor__ __iand__ __ior__ __ixor__ __ilshift__ __irshift__
_set_item Delete append bin capitalize center chr clear copy count degrees dict divmod endswith
expandtabs extend fabs factorial find floordiv format gamma get hash hex index insert isalnum
isalpha isdecimal isdigit isidentifier islower isnumeric isprintable isspace istitle isupper items
join keys len list ljust lower lstrip mathremainder modf oct ord partition percentFormat pop popitem
radians remove replace reverse rfind rindex rjust rpartition rsplit rstrip setdefault sorted
splitlines startswith str strip swapcase title update upper values zfill _unwrap_optional
is_autocast_cpu_enabled is_autocast_enabled is_grad_enabled is_scripting has_torch_function
_get_tracing_state _assert_tensor_metadata
)";

// Of prim: what the language is made of.
constexpr const char* kLanguage = R"(
Constant If Loop Return Param ListConstruct ListUnpack TupleConstruct TupleUnpack TupleIndex
TupleSlice DictConstruct GetAttr CallMethod CallFunction NumToTensor ImplicitTensorToNum
unchecked_cast unchecked_unwrap_optional Uninitialized RaiseException isinstance device dtype layout
data min max abs is_cuda is_cpu is_xpu is_mkldnn is_mps is_meta is_quantized is_sparse is_nested
requires_grad rangelist StringIndex EnumName EnumValue type tolist ConstantChunk
ModuleContainerIndex shape itemsize nbytes BroadcastSizes ReductionSizes IfThenElse index name
)";

bool allowed(const std::string& name) {
  static const Names names = [] {
    Names all;
    const auto add = [&](const char* space, const char* list, const char* ending = "") {
      std::istringstream words(list);
      for (std::string word; words >> word;) all.insert(space + word + ending);
    };
    add("aten::", kElements);
    add("aten::", kElements, "_");
    add("aten::", kTensors);
    add("aten::", kValues);
    add("prim::", kLanguage);
    return all;
  }();
  return names.count(name) != 0;
}

bool writes_to_output(const jit::Node* node) {
  const auto* schema = node->maybeSchema();
  return schema != nullptr && std::any_of(schema->arguments().begin(), schema->arguments().end(),
                                          [](const auto& argument) { return argument.is_out(); });
}

// Whether a call leads to code of this module, and not into an object of C++.
bool calls_code(const jit::Node* node) {
  if (node->kind() == jit::prim::CallFunction) {
    const auto type = node->input(0)->type()->cast<c10::FunctionType>();
    return type != nullptr && type->function()->isGraphFunction();
  }
  if (const auto type = node->input(0)->type()->cast<c10::ClassType>()) {
    const auto* method = type->findMethod(node->s(jit::attr::name));
    return method != nullptr && method->isGraphFunction();
  }
  return node->input(0)->type()->cast<c10::InterfaceType>() != nullptr;
}

bool computes(const jit::Node* node) {
  if (node->kind() == jit::prim::CallFunction || node->kind() == jit::prim::CallMethod) {
    return calls_code(node);
  }
  return allowed(node->kind().toQualString());
}

// Adds to found the operators of a block that are not allowed. Takes out warnings, which libtorch's
// own code in Python is full of, and which would print what the model's author likes.
void check(jit::Block* block, std::set<std::string>& found) {
  for (auto node = block->nodes().begin(); node != block->nodes().end(); ++node) {
    for (auto* inner : node->blocks()) check(inner, found);
    if (node->hasAttribute(jit::attr::Subgraph))
      check(node->g(jit::attr::Subgraph)->block(), found);
    if (node->kind() == jit::aten::warn && node->outputs().empty()) {
      node.destroyCurrent();
    } else if (!computes(*node)) {
      found.insert(node->kind().toQualString());
    }
  }
}

std::string joined(const std::set<std::string>& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

}  // namespace

void check_operators(const jit::Module& module) {
  std::set<std::string> found;
  // All of the archive that was imported is in one unit: methods of all classes, and functions.
  for (auto* function : module._ivalue()->compilation_unit()->get_functions()) {
    if (!function->isGraphFunction()) {
      found.insert(function->qualname().qualifiedName());
      continue;
    }
    check(jit::toGraphFunction(*function).graph()->block(), found);
  }
  if (!found.empty()) distrust("its code uses what is not computation (" + joined(found) + ")");
}

void check_frozen(const jit::Module& module) {
  std::vector<jit::Block*> blocks{module.get_method("forward").graph()->block()};
  while (!blocks.empty()) {
    auto* block = blocks.back();
    blocks.pop_back();
    for (auto* node : block->nodes()) {
      blocks.insert(blocks.end(), node->blocks().begin(), node->blocks().end());
      const auto kind = node->kind();
      if (kind == jit::prim::CallFunction || kind == jit::prim::CallMethod) {
        distrust("its code chooses while it runs what to call");
      }
      if (writes_to_output(node))
        distrust("its code writes over a tensor (" + std::string(kind.toQualString()) + ".out)");
      // The modules on the way to an attribute are left as well.
      if (kind != jit::prim::GetAttr || node->output()->type()->is_module()) continue;
      distrust("its code changes its own attribute " + node->s(jit::attr::name) +
               ", as batch norms do in a trace made in training mode, before model.eval()");
    }
  }
}

}  // namespace vst
