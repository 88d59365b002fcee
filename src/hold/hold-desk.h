/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * hold-desk - what is asked of the clerk about held mail, and what it answers, as JSON
 *
 * The clerk owns held copies; web and command line ask it, one question and one answer at a
 * time (process-desk carries them). Who asks with a token may do what the token is for; who
 * asks on the operator's socket may do everything and says for whom.
 *
 * Limits: SK_DESK_MAX bytes a question or answer; SK_DESK_LIST copies in one, and so many
 * events; SK_DESK_TEXT_MAX bytes a text of a question; texts of answers are cut at
 * SK_LIMIT_PASSAGE_TEXT.
 * Errors: PROTOCOL for what is no question or answer.
 * Security: both are read as foreign. The answer to a token never has what its person may not
 * see: recipients that are in neither To nor Cc only for the sender. Texts of answers pass
 * sk_text_safe(). A question may hold a token and a password: what is cleared is wiped, and
 * sk_desk_wipe_json() does the same for the library's copies.
 */

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "hold/hold-copy.h"
#include "hold/hold-person.h"
#include "hold/hold-store.h"

#define SK_DESK_MAX      (1024 * 1024)
#define SK_DESK_LIST     1000
#define SK_DESK_TEXT_MAX 4096
/* Bytes of the original in one answer to CONTENT. */
#define SK_DESK_PIECE (512 * 1024)

typedef enum {
    SK_DESK_LOOK, /* by token: what it is for, and what is still possible; changes nothing */
    SK_DESK_LIST_ALL, /* operator: copies */
    SK_DESK_SHOW,     /* operator: one message or copy, with its events */
    SK_DESK_STOP,     /* by token too */
    SK_DESK_RELEASE,  /* operator: answers every wait */
    SK_DESK_CONFIRM,  /* operator, for the sender */
    SK_DESK_APPROVE,  /* operator, for an approver */
    SK_DESK_RETURN,   /* operator, for an approver: back to the sender, with a reason */
    SK_DESK_ASK,      /* by token: the recipient wants it; by rule that releases it */
    SK_DESK_PASSWORD, /* by token: TEXT opens what is encrypted */
    SK_DESK_CONTENT,  /* operator, with a reason: the original, a piece an answer */
    SK_DESK_PERSON,   /* operator: what a person chose; TEXT, "hold=5m tell=digest …", changes
                       * it */
    SK_N_DESK_VERBS
} SkDeskVerb;
const char *sk_desk_verb_name(SkDeskVerb verb);

typedef struct {
    SkDeskVerb verb;
    char *token;  /* by token, else NULL */
    char *target; /* operator: id of a copy or message, as typed; or NULL */
    char *as;     /* operator: in whose name, an address; NULL: his own */
    char *who;    /* operator: who he is, for people: "hanako (as root) on mail" */
    char *text;   /* reason, password, or NULL */
    bool ended;   /* LIST_ALL: those that have ended as well */
    char *after;  /* LIST_ALL: the page behind this id; CONTENT: how many bytes came so far */
    char *
        person; /* LIST_ALL: only of this sender or recipient; or NULL. PERSON: whose choices */
} SkDeskQuestion;
void sk_desk_question_clear(SkDeskQuestion *question);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SkDeskQuestion, sk_desk_question_clear)
/* Caller owns. */
char *sk_desk_question_write(const SkDeskQuestion *question);
bool sk_desk_question_read(const char *json,
                           SkDeskQuestion *ret_question,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* One copy, as the one who asks may see it. */
typedef struct {
    char *id, *message;
    SkCopyState state;
    SkCopyVariant variant;
    bool original; /* of a mail that its recipients get without some parts */
    SkDirection direction;
    unsigned waits, open;
    SkReview review;
    int64_t made_us, due_us, expires_us, ended_us;
    uint64_t size;
    unsigned tries;
    char *owner, *sender, *from, *subject;
    char *trouble, *ended_by, *why;
    GPtrArray *recipients; /* of char * */
    GPtrArray *groups;     /* of char *: who have to approve it */
    GPtrArray *findings;   /* of char *: "attach.encrypted.zip: report.zip" */
    unsigned can;          /* bits of 1 << SkDeskVerb: what whoever asks can do now */
} SkDeskCopy;
SkDeskCopy *sk_desk_copy_new(void);
void sk_desk_copy_free(SkDeskCopy *copy);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkDeskCopy, sk_desk_copy_free)
/* The object it is in an answer, for people who ask for JSON. Caller owns. */
char *sk_desk_copy_write(const SkDeskCopy *copy);

typedef struct {
    int64_t at_us;
    char *copy, *what, *who, *text; /* copy, who, text: or NULL */
} SkDeskEvent;

typedef enum {
    SK_DESK_OK,       /* done, or here it is */
    SK_DESK_TOO_LATE, /* it is being sent, or was: COPIES say what is still possible */
    SK_DESK_ENDED,    /* stopped, returned or expired before */
    SK_DESK_NOT_OPEN, /* that is not what it waits for */
    SK_DESK_WRONG,    /* the password opens nothing */
    SK_DESK_LATER,    /* too many wrong passwords: not before a while */
    SK_DESK_ASKED,    /* an administrator was told */
    SK_DESK_UNKNOWN,  /* no such token, copy or person: nothing is said about why */
    SK_DESK_REFUSED,  /* not for who asks; TEXT says why */
    SK_DESK_FAILED,   /* trouble of ours; TEXT says which, for operators */
    SK_N_DESK_RESULTS
} SkDeskResult;
const char *sk_desk_result_name(SkDeskResult result);

/* What a person chose, as hold-person has it. */
typedef struct {
    int64_t hold_s;
    SkTell tell;
    char *language; /* or NULL: the site's */
    int64_t away_from_us, away_until_us;
    char *deputy; /* or NULL */
} SkDeskChoices;

typedef struct {
    SkDeskResult result;
    char *text;             /* one sentence for people, or NULL */
    char *purpose;          /* LOOK: name of the token's SkTokenPurpose, or NULL */
    char *person;           /* LOOK: whose token it is, or NULL */
    char *language;         /* "ja", "en" or NULL: what that person chose */
    char *content;          /* CONTENT: the piece asked for, in base 64 */
    bool more;              /* LIST_ALL, CONTENT: there is more behind it */
    SkDeskChoices *choices; /* PERSON, or NULL */
    GPtrArray *copies;      /* of SkDeskCopy */
    GPtrArray *events;      /* of SkDeskEvent; SHOW only */
} SkDeskAnswer;
SkDeskChoices *sk_desk_choices_new(const SkHoldPerson *person);
void sk_desk_choices_free(SkDeskChoices *choices);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkDeskChoices, sk_desk_choices_free)

SkDeskAnswer *sk_desk_answer_new(SkDeskResult result);
void sk_desk_answer_free(SkDeskAnswer *answer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkDeskAnswer, sk_desk_answer_free)
void sk_desk_answer_add_event(SkDeskAnswer *answer, const SkHoldEvent *event);
char *sk_desk_answer_write(const SkDeskAnswer *answer);
SkDeskAnswer *sk_desk_answer_read(const char *json, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Has the JSON library wipe what it frees; for a program that handles secrets, once, before
 * anything else uses it. */
void sk_desk_wipe_json(void);
