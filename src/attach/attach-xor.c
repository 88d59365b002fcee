/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-crypt.h"

/*
 * XOR obfuscation, [MS-OFFCRYPTO] 2.3.7.2. The standard gives the key by a table of 105
 * numbers; they are the states of a 16-bit shift register, which is what stands here. Both were
 * compared over random passwords of 1 to 15 letters.
 */

#define REGISTER_START 0x8000u
#define REGISTER_TAPS  0x1020u

static uint16_t
step_register(uint16_t r)
{
    r = (uint16_t)(r << 1 | r >> 15);
    return (r & 1) != 0 ? r ^ REGISTER_TAPS : r;
}

uint16_t
sk_attach_xor_key(const char *password)
{
    uint16_t r = REGISTER_START, end = 0xFFFF, key = 0;

    for (size_t i = strlen(password); i > 0; i--) {
        for (unsigned bit = 0; bit < 8; bit++) {
            r = step_register(r);
            end = step_register(end);
            if ((password[i - 1] & 0x7F) >> bit & 1)
                key ^= r;
        }
    }
    return key ^ end;
}

static uint16_t
verify_step(uint16_t verifier, uint8_t letter)
{
    return (uint16_t)((verifier >> 14 & 1) ^ (verifier << 1 & 0x7FFF) ^ letter);
}

uint16_t
sk_attach_xor_verifier(const char *password)
{
    size_t len = strlen(password);
    uint16_t verifier = 0;

    for (size_t i = len; i > 0; i--)
        verifier = verify_step(verifier, (uint8_t)password[i - 1]);
    return verify_step(verifier, (uint8_t)len) ^ 0xCE4B;
}

void
sk_attach_xor_array(const char *password, uint8_t ret_array[16])
{
    static const uint8_t pad[16] = {0xBB, 0xFF, 0xFF, 0xBA, 0xFF, 0xFF, 0xB9, 0x80,
                                    0x00, 0xBE, 0x0F, 0x00, 0xBF, 0x0F, 0x00, 0x00};
    uint16_t key = sk_attach_xor_key(password);
    size_t len = strlen(password);

    for (size_t i = 0; i < 16; i++) {
        uint8_t letter = i < len ? (uint8_t)password[i] : pad[i - len];
        uint8_t mixed = letter ^ (uint8_t)(i % 2 != 0 ? key >> 8 : key);

        ret_array[i] = (uint8_t)(mixed >> 1 | mixed << 7);
    }
}
