"""Makes tiny models of RolmOCR's (Qwen2.5-VL) and InternVL3's architecture, whose weights are random. No download.

    python make_tiny_model.py --out models            # models/tiny-rolmocr, models/tiny-internvl3

The byte-level BPE tokenizer is trained here on invented text (English, Traditional Chinese, JSON); special tokens,
processor and generation settings follow the published models, the chat templates are our own. One trick: hidden
coordinate 0 is a constant that goes unchanged through the residual stream, so that column 0 of lm_head is a bias of
each token. It makes the marks of JSON and <|im_end|> likely and white space unlikely: an answer held to a grammar is
short nonsense of the schema, one that is not ends after some dozen tokens, and a greedy one loops.
"""

import argparse
import json
import random
import string
from pathlib import Path

import torch
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

SEED = 20250101
PRETOK = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)

QWEN_SPECIAL = [
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<|object_ref_start|>",
    "<|object_ref_end|>",
    "<|box_start|>",
    "<|box_end|>",
    "<|quad_start|>",
    "<|quad_end|>",
    "<|vision_start|>",
    "<|vision_end|>",
    "<|vision_pad|>",
    "<|image_pad|>",
    "<|video_pad|>",
]
QWEN_PLAIN = ["<tool_call>", "</tool_call>"]  # added, but not "special" upstream
INTERNVL_SPECIAL = [
    "<img>",
    "</img>",
    "<IMG_CONTEXT>",
    "<quad>",
    "</quad>",
    "<ref>",
    "</ref>",
    "<box>",
    "</box>",
    "<video>",
]


# The least chat template that vLLM needs: roles, text, one placeholder an image. Ours, not the published ones.
def _template(image: str) -> str:
    return (
        "{% for m in messages %}<|im_start|>{{ m['role'] }}\n"
        "{% if m['content'] is string %}{{ m['content'] }}"
        "{% else %}{% for part in m['content'] %}"
        "{% if part['type'] == 'text' %}{{ part['text'] }}{% else %}" + image + "{% endif %}"
        "{% endfor %}{% endif %}<|im_end|>\n{% endfor %}"
        "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
    )


QWEN_TEMPLATE = _template("<|vision_start|><|image_pad|><|vision_end|>")
INTERNVL_TEMPLATE = _template("<IMG_CONTEXT>\\n")


def corpus(rng: random.Random) -> list[str]:
    en = [
        "invoice",
        "receipt",
        "total",
        "subtotal",
        "tax",
        "amount",
        "date",
        "number",
        "item",
        "quantity",
        "unit",
        "price",
        "description",
        "vendor",
        "customer",
        "address",
        "phone",
        "payment",
        "due",
        "discount",
        "shipping",
        "order",
        "currency",
        "balance",
        "statement",
        "account",
        "bank",
        "page",
        "table",
        "row",
        "column",
        "header",
        "footer",
        "signature",
        "document",
        "text",
        "image",
        "extract",
        "return",
        "field",
        "value",
        "schema",
        "json",
        "object",
        "list",
        "string",
        "please",
        "read",
        "the",
        "following",
        "and",
        "give",
        "only",
        "plain",
        "natural",
        "representation",
        "of",
        "this",
        "as",
        "if",
        "you",
        "were",
        "reading",
        "it",
        "naturally",
        "company",
        "limited",
        "street",
        "road",
        "city",
        "state",
        "zip",
        "code",
        "month",
        "year",
        "day",
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "black",
        "blue",
        "red",
        "green",
        "coffee",
        "tea",
        "rice",
        "noodle",
        "bread",
        "milk",
        "paper",
        "pen",
        "book",
        "cable",
        "screen",
    ]
    zh = [
        "統一發票",
        "收據",
        "合計",
        "小計",
        "稅額",
        "金額",
        "日期",
        "號碼",
        "品項",
        "數量",
        "單價",
        "說明",
        "賣方",
        "買方",
        "地址",
        "電話",
        "付款",
        "折扣",
        "運費",
        "訂單",
        "幣別",
        "餘額",
        "臺北市",
        "新北市",
        "臺中市",
        "高雄市",
        "臺南市",
        "中正區",
        "信義路",
        "民權東路",
        "有限公司",
        "股份有限公司",
        "統一編號",
        "營業人",
        "中華民國",
        "一百一十四年",
        "年",
        "月",
        "日",
        "元",
        "整",
        "零",
        "壹",
        "貳",
        "參",
        "肆",
        "伍",
        "陸",
        "柒",
        "捌",
        "玖",
        "拾",
        "佰",
        "仟",
        "萬",
        "咖啡",
        "紅茶",
        "便當",
        "牛肉麵",
        "文具",
        "紙張",
        "原子筆",
        "書籍",
        "電腦",
        "螢幕",
        "線材",
        "服務費",
        "課稅別",
        "應稅",
        "免稅",
        "備註",
        "經手人",
        "核准",
        "收款",
        "匯款",
        "銀行",
        "帳號",
        "分行",
        "客戶",
        "廠商",
        "聯絡人",
        "傳真",
        "電子郵件",
        "網址",
        "繁體中文",
        "請",
        "讀取",
        "這張",
        "圖片",
        "並",
        "輸出",
        "資料",
        "欄位",
        "表格",
        "文件",
        "內容",
        "如下",
        "的",
        "是",
        "在",
        "有",
        "與",
        "及",
        "或",
        "不",
        "之",
        "為",
        "以",
        "於",
        "本",
        "此",
        "其",
        "各",
        "每",
        "共",
    ]
    keys = [
        "vendor",
        "invoice_number",
        "invoice_date",
        "due_date",
        "currency",
        "line_items",
        "description",
        "quantity",
        "unit_price",
        "amount",
        "subtotal",
        "tax",
        "total",
        "status",
        "notes",
        "name",
        "value",
        "items",
        "page",
        "confidence",
        "kind",
        "code",
        "address",
    ]
    out = []
    for _ in range(6000):
        out.append(" ".join(rng.choices(en, k=rng.randint(4, 16))).capitalize() + rng.choice([".", ",", ":", "!\n"]))
        out.append("".join(rng.choices(zh, k=rng.randint(3, 14))) + rng.choice(["。", "，", "：", "；\n"]))
        rec = {
            k: rng.choice(
                [
                    round(rng.uniform(0, 9999), 2),
                    rng.choice(en),
                    rng.choice(zh),
                    None,
                    True,
                    [],
                    f"20{rng.randint(10, 26)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}",
                ]
            )
            for k in rng.sample(keys, 5)
        }
        rec["line_items"] = [{"description": rng.choice(zh), "quantity": rng.randint(1, 9), "unit_price": "12.50"}]
        out.append(json.dumps(rec, ensure_ascii=False, indent=rng.choice([None, None, 2])))
        out.append("".join(rng.choices(string.ascii_letters + string.digits + "-_/.", k=12)))
    return out


def build_tokenizer(vocab_size: int, extra: list[str]) -> Tokenizer:
    tok = Tokenizer(models.BPE())
    tok.normalizer = normalizers.NFC()
    tok.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(PRETOK), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tok.decoder = decoders.ByteLevel()
    invented = corpus(random.Random(SEED))  # noqa: S311 - no secret
    tok.train_from_iterator(
        invented,
        trainers.BpeTrainer(
            vocab_size=vocab_size, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
        ),
    )
    tok.add_special_tokens(QWEN_SPECIAL)
    tok.add_tokens(QWEN_PLAIN)
    if extra:
        tok.add_special_tokens(extra)
    return tok


def save_tokenizer(tok: Tokenizer, out: Path, template: str, max_len: int, extra_cfg: dict, special: list[str]) -> None:
    out.mkdir(parents=True, exist_ok=True)
    tok.save(str(out / "tokenizer.json"))
    tok.model.save(str(out))  # vocab.json + merges.txt
    cfg = {
        "add_bos_token": False,
        "add_prefix_space": False,
        "bos_token": None,
        "clean_up_tokenization_spaces": False,
        "eos_token": "<|im_end|>",
        "errors": "replace",
        "model_max_length": max_len,
        "pad_token": "<|endoftext|>",
        "split_special_tokens": False,
        "unk_token": None,
        "tokenizer_class": "Qwen2Tokenizer",
        "additional_special_tokens": [t for t in special if t != "<|endoftext|>"],
        "added_tokens_decoder": {
            str(i): {
                "content": t.content,
                "lstrip": False,
                "normalized": False,
                "rstrip": False,
                "single_word": False,
                "special": t.special,
            }
            for i, t in sorted(tok.get_added_tokens_decoder().items())
        },
        **extra_cfg,
    }
    (out / "tokenizer_config.json").write_text(json.dumps(cfg, ensure_ascii=False, indent=1))
    (out / "chat_template.json").write_text(json.dumps({"chat_template": template}, indent=1))
    (out / "chat_template.jinja").write_text(template)


def token_bias(tok: Tokenizer, size: int) -> torch.Tensor:
    bias = torch.zeros(size)
    for i in range(tok.get_vocab_size()):
        text = tok.decode([i], skip_special_tokens=False)
        if "\ufffd" in text:
            bias[i] = -6.0  # partial UTF-8: keep the nonsense printable
        elif text and (text.isspace() or ("\n" in text and set(text) <= set('"{}[]:, \n'))):
            bias[i] = -8.0  # no endless white space inside guided JSON
        elif text and set(text) <= set('"{}[]:,'):
            bias[i] = 6.5 if text == '"' else (4.0 if text[0] in "}]" else 3.0)
    for t in QWEN_SPECIAL + QWEN_PLAIN + INTERNVL_SPECIAL:
        if (i := tok.token_to_id(t)) is not None:
            bias[i] = -12.0
    bias[tok.get_vocab_size() :] = -20.0  # padding rows
    bias[tok.token_to_id("<|im_end|>")] = 5.5
    return bias


@torch.no_grad()
def randomise(model: torch.nn.Module, text_root: str, bias: torch.Tensor, lm_head: torch.nn.Parameter) -> None:
    g = torch.Generator().manual_seed(SEED)
    for name, p in model.named_parameters():
        if name.endswith("bias"):
            p.zero_()
        elif p.ndim == 1:
            p.fill_(1.0)
        else:
            p.copy_(torch.randn(p.shape, generator=g) * 0.08)
    named = dict(model.named_parameters())
    emb = next(p for n, p in named.items() if n.startswith(text_root) and n.endswith("embed_tokens.weight"))
    emb.copy_(torch.randn(emb.shape, generator=g) * 0.3)
    emb[:, 0] = 1.0
    for n, p in named.items():
        if n.startswith(text_root) and n.endswith(("o_proj.weight", "down_proj.weight")):
            p[0].zero_()  # nothing writes into coordinate 0
    # calibrate on random text: rms-normed final hidden states have coord 0 ~ c and norm r elsewhere
    ids = torch.randint(0, int(bias.shape[0] * 0.9), (4, 48), generator=g)
    h = model.model.language_model(input_ids=ids).last_hidden_state.flatten(0, 1).float()
    c, r = h[:, 0].mean(), h[:, 1:].norm(dim=1).mean()
    lm_head.copy_(torch.randn(lm_head.shape, generator=g) * (1.5 / r))  # logit noise ~ N(0, 1.5)
    lm_head[:, 0] = bias[: lm_head.shape[0]] / c  # + constant per-token bias


GEN = {"do_sample": True, "repetition_penalty": 1.05, "temperature": 1e-6}  # as Qwen2.5-VL-7B-Instruct ships


def make_rolmocr(out: Path, vocab: int) -> None:
    from transformers import GenerationConfig, Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration

    tok = build_tokenizer(vocab, [])
    save_tokenizer(tok, out, QWEN_TEMPLATE, 131072, {"processor_class": "Qwen2_5_VLProcessor"}, QWEN_SPECIAL)
    t, size = tok.token_to_id, (tok.get_vocab_size() + 63) // 64 * 64
    cfg = Qwen2_5_VLConfig(
        text_config=dict(
            vocab_size=size,
            hidden_size=128,
            intermediate_size=256,
            num_hidden_layers=2,
            num_attention_heads=4,
            num_key_value_heads=2,
            max_position_embeddings=128000,
            rms_norm_eps=1e-6,
            use_sliding_window=False,
            bos_token_id=t("<|endoftext|>"),
            eos_token_id=t("<|im_end|>"),
            tie_word_embeddings=False,
            rope_parameters={"rope_type": "default", "rope_theta": 1e6, "mrope_section": [4, 6, 6]},
        ),
        vision_config=dict(
            depth=2,
            hidden_size=64,
            num_heads=2,
            intermediate_size=128,
            out_hidden_size=128,
            in_channels=3,
            patch_size=14,
            spatial_merge_size=2,
            temporal_patch_size=2,
            window_size=112,
            fullatt_block_indexes=[1],
            tokens_per_second=2,
        ),
        image_token_id=t("<|image_pad|>"),
        video_token_id=t("<|video_pad|>"),
        vision_start_token_id=t("<|vision_start|>"),
        vision_end_token_id=t("<|vision_end|>"),
        tie_word_embeddings=False,
    )
    model = Qwen2_5_VLForConditionalGeneration(cfg)
    randomise(model, "model.language_model", token_bias(tok, size), model.lm_head.weight)
    model.generation_config = GenerationConfig(
        bos_token_id=t("<|endoftext|>"),
        pad_token_id=t("<|endoftext|>"),
        eos_token_id=[t("<|im_end|>"), t("<|endoftext|>")],
        **GEN,
    )
    model.to(torch.bfloat16).save_pretrained(out)
    (out / "preprocessor_config.json").write_text(
        json.dumps(
            {
                "min_pixels": 3136,
                "max_pixels": 12845056,
                "patch_size": 14,
                "temporal_patch_size": 2,
                "merge_size": 2,
                "image_mean": [0.48145466, 0.4578275, 0.40821073],
                "image_std": [0.26862954, 0.26130258, 0.27577711],
                "image_processor_type": "Qwen2VLImageProcessor",
                "processor_class": "Qwen2_5_VLProcessor",
            },
            indent=1,
        )
    )


def make_internvl(out: Path, vocab: int) -> None:
    from transformers import GenerationConfig, InternVLConfig, InternVLForConditionalGeneration

    special = QWEN_SPECIAL + INTERNVL_SPECIAL
    tok = build_tokenizer(vocab, INTERNVL_SPECIAL)
    names = {
        "context_image_token": "<IMG_CONTEXT>",
        "end_image_token": "</img>",
        "start_image_token": "<img>",
        "video_token": "<video>",
    }
    save_tokenizer(
        tok,
        out,
        INTERNVL_TEMPLATE,
        12288,
        {"processor_class": "InternVLProcessor", "extra_special_tokens": names, **names},
        special,
    )
    t, size = tok.token_to_id, (tok.get_vocab_size() + 63) // 64 * 64
    cfg = InternVLConfig(
        text_config=dict(
            model_type="qwen2",
            vocab_size=size,
            hidden_size=128,
            intermediate_size=256,
            num_hidden_layers=2,
            num_attention_heads=4,
            num_key_value_heads=2,
            max_position_embeddings=32768,
            rms_norm_eps=1e-6,
            use_sliding_window=False,
            bos_token_id=t("<|endoftext|>"),
            eos_token_id=t("<|im_end|>"),
            tie_word_embeddings=False,
            rope_parameters={"rope_type": "default", "rope_theta": 1e6},
        ),
        vision_config=dict(
            hidden_size=64,
            num_hidden_layers=2,
            num_attention_heads=2,
            intermediate_size=128,
            attention_bias=True,
            use_qk_norm=False,
            norm_type="layer_norm",
            image_size=[448, 448],
            patch_size=[14, 14],
            use_mask_token=False,
            use_absolute_position_embeddings=True,
            use_mean_pooling=True,
        ),
        image_token_id=t("<IMG_CONTEXT>"),
        image_seq_length=256,
        downsample_ratio=0.5,
        vision_feature_layer=-1,
        tie_word_embeddings=False,
    )
    model = InternVLForConditionalGeneration(cfg)
    randomise(model, "model.language_model", token_bias(tok, size), model.lm_head.weight)
    model.generation_config = GenerationConfig(
        bos_token_id=t("<|endoftext|>"),
        pad_token_id=t("<|endoftext|>"),
        eos_token_id=[t("<|im_end|>"), t("<|endoftext|>")],
    )
    model.to(torch.bfloat16).save_pretrained(out)
    (out / "preprocessor_config.json").write_text(
        json.dumps(
            {
                "crop_size": None,
                "crop_to_patches": False,
                "data_format": "channels_first",
                "default_to_square": True,
                "do_center_crop": None,
                "do_convert_rgb": True,
                "do_normalize": True,
                "do_rescale": True,
                "do_resize": True,
                "image_mean": [0.485, 0.456, 0.406],
                "image_std": [0.229, 0.224, 0.225],
                "image_processor_type": "GotOcr2ImageProcessorFast",
                "max_patches": 12,
                "min_patches": 1,
                "processor_class": "InternVLProcessor",
                "resample": 3,
                "rescale_factor": 1 / 255,
                "size": {"height": 448, "width": 448},
            },
            indent=1,
        )
    )
    (out / "processor_config.json").write_text(
        json.dumps({"image_seq_length": 256, "processor_class": "InternVLProcessor"}, indent=1)
    )
    (out / "video_preprocessor_config.json").write_text(
        json.dumps(
            {
                "do_convert_rgb": True,
                "do_normalize": True,
                "do_rescale": True,
                "do_resize": True,
                "image_mean": [0.485, 0.456, 0.406],
                "image_std": [0.229, 0.224, 0.225],
                "resample": 3,
                "size": {"height": 384, "width": 384},
                "video_processor_type": "InternVLVideoProcessor",
                "processor_class": "InternVLProcessor",
            },
            indent=1,
        )
    )


def main() -> None:
    ap = argparse.ArgumentParser()
    ap.add_argument("--out", type=Path, default=Path(__file__).parent / "models")
    ap.add_argument("--vocab", type=int, default=3000, help="BPE vocabulary before the special tokens")
    ap.add_argument("--only", choices=["rolmocr", "internvl3"])
    a = ap.parse_args()
    torch.manual_seed(SEED)
    if a.only != "internvl3":
        make_rolmocr(a.out / "tiny-rolmocr", a.vocab)
    if a.only != "rolmocr":
        make_internvl(a.out / "tiny-internvl3", a.vocab)


if __name__ == "__main__":
    main()
