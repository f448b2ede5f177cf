package dev.sluice.origin.ingest;

import dev.sluice.chassis.config.Setting;

/** How much is asked and told at a time. */
public record HookLimits(
    @Setting(
            expert = true,
            doc =
                "Most calls at once to ask, and as many to tell; a publisher that comes beyond that"
                    + " counts as not answered, one that ends waits for its call.",
            def = "256",
            range = "1..10000")
        int maxInFlight,
    @Setting(
            expert = true,
            doc =
                "Most ended publishers of which the hook has not been told yet; one that ends"
                    + " beyond that is counted as dropped and not told of.",
            def = "10000",
            range = "1..1000000")
        int maxWaiting) {}
