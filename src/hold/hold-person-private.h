/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * hold-person-private - requests of a person, on what people chose
 */

#include "port/tables.h"

extern const SkPersonTables sk_hold_choices_person;
