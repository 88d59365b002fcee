/* SPDX-License-Identifier: Apache-2.0 */
#include "notice/notice-words.h"

typedef struct {
    const char *below; /* this id and what is below it */
    const char *ja, *en;
} Words;

/* The first line that fits counts. Each says what it is, not what the program calls it. */
static const Words words[] = {
    {"inspect.crashed", "検査の途中で異常が起き、中身を確認できませんでした",
     "the inspection broke off: the content is unchecked"},
    {"inspect.timeout", "検査が時間内に終わらず、中身を確認できませんでした",
     "the inspection took too long: the content is unchecked"},
    {"inspect.limit", "構造が複雑すぎるため、すべては検査できませんでした",
     "too complex to be inspected completely"},
    {"mime.ambiguous", "メールソフトによって内容が違って見えるおそれがあります",
     "mail programs may show different contents"},
    {"mime.broken", "壊れていて読み取れない部分があります",
     "a part is damaged and cannot be read"},
    {"mime.partial", "分割されたメールの一部です", "a fragment of a divided mail"},
    {"mime.external", "中身が外部の場所に置かれています", "its content lies somewhere else"},
    {"mime.tnef", "Outlook 独自の形式（winmail.dat）の添付ファイルがあります",
     "attachments in Outlook's own form (winmail.dat)"},
    {"mime.uuencode", "本文にファイルが埋め込まれています", "a file is embedded in the text"},
    {"mime.charset", "文字コードの指定が正しくありません", "the character set is wrong"},
    {"attach.any", "添付ファイルがあります", "it has an attachment"},
    {"attach.encrypted.zip", "パスワード付きの ZIP ファイル", "a ZIP file with a password"},
    {"attach.encrypted.7z", "パスワード付きの 7z ファイル", "a 7z file with a password"},
    {"attach.encrypted.rar", "パスワード付きの RAR ファイル", "a RAR file with a password"},
    {"attach.encrypted.office", "パスワード付きの Office 文書",
     "an Office document with a password"},
    {"attach.encrypted.pdf", "パスワード付きの PDF", "a PDF with a password"},
    {"attach.encrypted.rights", "権限管理（RMS など）で保護された文書",
     "a document protected by rights management"},
    {"attach.encrypted", "パスワード付きのファイル", "a file with a password"},
    {"attach.danger.executable", "プログラム（実行ファイル）", "a program"},
    {"attach.danger.script", "開くと実行されるスクリプト",
     "a script that runs when it is opened"},
    {"attach.danger.shortcut", "コマンドを実行できるショートカット",
     "a shortcut that can run a command"},
    {"attach.danger.installer", "インストール用のファイル", "an installation package"},
    {"attach.danger.macro", "マクロを含む Office 文書", "an Office document with macros"},
    {"attach.danger.disk-image", "ディスクイメージ", "a disk image"},
    {"attach.danger.onenote", "ファイルを埋め込んだ OneNote ページ",
     "a OneNote page with files in it"},
    {"attach.danger.pdf", "プログラムを起動する、または含む PDF",
     "a PDF that starts or carries a program"},
    {"attach.danger.extension", "拡張子を偽装したおそれのあるファイル名",
     "a file name that hides its kind"},
    {"attach.danger.bidi", "表示が並べ替えられているファイル名",
     "a file name that is shown in another order"},
    {"attach.danger.disguised", "文書に見せかけたプログラム",
     "a program that looks like a document"},
    {"attach.danger", "実行されるおそれのあるファイル", "a file that can run commands"},
    {"attach.broken", "壊れているファイル", "a damaged file"},
    {"attach.inconsistent", "中身の一覧が食い違っている圧縮ファイル",
     "an archive that contradicts itself"},
    {"attach.split", "分割された圧縮ファイルの一部", "one part of a divided archive"},
    {"attach.unknown", "種類の分からないファイル", "a file of unknown kind"},
    {"attach.unopened", "中身を検査できない形式のファイル",
     "a file that cannot be looked into"},
    {"attach.limit", "大きすぎる、または複雑すぎるため検査しきれなかったファイル",
     "a file too large or too complex to be inspected"},
    {"smime.encrypted", "S/MIME で暗号化されています", "encrypted with S/MIME"},
    {"smime.uninspectable", "S/MIME で暗号化され、検査できません",
     "encrypted with S/MIME: cannot be inspected"},
    {"smime.invalid", "電子署名を確認できません", "its signature does not verify"},
    {"smime.valid", "電子署名を確認しました", "its signature is valid"},
    {"smime.can-encrypt", "暗号化して送れる宛先です", "it can be encrypted for the recipient"},
    {"pgp.encrypted", "OpenPGP で暗号化されています", "encrypted with OpenPGP"},
    {"spf", "送信元サーバーを確認できません（SPF）",
     "the sending server could not be confirmed (SPF)"},
    {"dkim", "ドメインの電子署名を確認できません（DKIM）",
     "the domain's signature could not be confirmed (DKIM)"},
    {"arc", "転送経路を確認できません（ARC）",
     "the way it was forwarded could not be confirmed (ARC)"},
    {"dmarc.quarantine", "差出人のドメインが本物と確認できません",
     "the domain it claims to come from did not send it"},
    {"dmarc.reject", "差出人のドメインが偽装されています",
     "forged: the domain it claims to come from did not send it"},
    {"dmarc", "差出人のドメインを確認できません（DMARC）",
     "the sender's domain could not be confirmed (DMARC)"},
    {"from", "差出人の書き方が正しくありません", "the sender is not written as it should be"},
    {"sender.lookalike", "知っている相手によく似た、別の差出人です",
     "the sender looks like somebody you know, but is not"},
    {"sender.new", "初めてメールを送ってきたドメインです", "the domain has not written before"},
    {"partner", "取り決めどおりに署名されていない、取引先からのメール",
     "from a partner, but not signed as agreed"},
    {"tls", "暗号化されていない通信で届きました", "came over an unencrypted connection"},
    {"thread", "直前のやり取りへの返信です", "a reply in a conversation that goes on"},
    {"missend.yellow", "宛先や内容を見直していただきたい点があります",
     "something in it should be looked at again"},
    {"missend.red", "宛先または内容を間違えている可能性が高いです",
     "very likely the wrong recipient or content"},
    {"malware.found", "ウイルスが見つかりました", "a virus was found"},
    {"malware", "ウイルス検査ができませんでした", "the virus scanner did not answer"},
};

/* What is in order, or says nothing by itself. */
static const char *const harmless[] = {
    "attach.any", "thread",      "smime.valid", "smime.can-encrypt", "spf.pass",
    "spf.none",   "spf.neutral", "dkim.pass",   "dkim.none",         "arc.pass",
    "arc.none",   "dmarc.pass",  "dmarc.none",
};

static const Words *
find(SkFindingId id)
{
    for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
        if (sk_finding_id_below(id, words[i].below))
            return &words[i];
    }
    return NULL;
}

/* An id that is newer than this list. */
const char *
sk_notice_words_ja(SkFindingId id)
{
    const Words *found = find(id);

    return found != NULL ? found->ja : "注意が必要な点があります";
}

const char *
sk_notice_words_en(SkFindingId id)
{
    const Words *found = find(id);

    return found != NULL ? found->en : sk_finding_id_meaning(id);
}

bool
sk_notice_words_matter(SkFindingId id)
{
    for (size_t i = 0; i < G_N_ELEMENTS(harmless); i++) {
        if (sk_finding_id_below(id, harmless[i]))
            return false;
    }
    return true;
}
