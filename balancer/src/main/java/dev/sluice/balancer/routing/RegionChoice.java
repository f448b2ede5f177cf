package dev.sluice.balancer.routing;

import java.util.List;

/**
 * What one region offers to one viewer.
 *
 * @param step the region's figures
 * @param accepting edges with room, best first
 * @param nearlyFull edges above the use at which they should get no more, but below capacity
 * @param others every other edge
 */
record RegionChoice(
    RegionStep step,
    List<Assessment> accepting,
    List<Assessment> nearlyFull,
    List<Assessment> others) {}
