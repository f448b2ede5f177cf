/**
 * A wide area network on one machine, in user space, as the kernel may have no netem: start at
 * {@link dev.sluice.lab.wan.WanRelay}, a TCP relay whose bytes arrive as they would over a line
 * with a rate, a delay and losses; {@link dev.sluice.lab.wan.TcpLine} is the pure model of that
 * line.
 *
 * <p>Threading: each relayed direction has two virtual threads. May import nothing of ours.
 */
@NullMarked
package dev.sluice.lab.wan;

import org.jspecify.annotations.NullMarked;
