package io.nioring.internal.network;

import io.nioring.internal.names.ConnectRequest;
import io.nioring.internal.names.Listener;
import java.io.IOException;
import java.util.function.Consumer;

/** The decision on a connect: given once by {@link Verdicts}, and carried out by the socket. */
public sealed interface Verdict {
  /** The connect goes to the kernel. */
  Verdict KERNEL = new Kernel();

  /** The end is connected to itself, as TCP does: the address is its own, and has no listener. */
  Verdict ITSELF = new Itself();

  /**
   * The connect is offered to a listener over rings.
   *
   * @param listener the listener at the address
   * @param elseKernel whether the kernel is asked if the listener refuses, since it has just closed
   */
  record Ring(Listener listener, boolean elseKernel) implements Verdict {}

  /** See {@link Verdict#KERNEL}. */
  record Kernel() implements Verdict {}

  /** See {@link Verdict#ITSELF}. */
  record Itself() implements Verdict {}

  /**
   * The connect is refused, as by a machine without a listener: its caller learns that when the
   * connect completes.
   *
   * @param reason the exception that it gets; null for "Connection refused"
   */
  record Refuse(IOException reason) implements Verdict {}

  /**
   * The connect stays undecided until it is decided by {@link Listener#offer} or {@link
   * ConnectRequest#refuse}, possibly never.
   *
   * @param decider is given the request, with the locks of the connecting end held
   */
  record Pend(Consumer<ConnectRequest> decider) implements Verdict {}
}
