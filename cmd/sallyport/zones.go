package main

import _ "time/tzdata" // rules name time zones; they must mean the same on every machine
