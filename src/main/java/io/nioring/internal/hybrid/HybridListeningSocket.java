package io.nioring.internal.hybrid;

import io.nioring.internal.blocking.Facade;
import io.nioring.internal.core.Acceptor;
import io.nioring.internal.core.Binder;
import io.nioring.internal.core.ListeningSocket;
import io.nioring.internal.core.OptionValues;
import io.nioring.internal.names.BindGate;
import io.nioring.internal.network.AddressFamily;
import io.nioring.internal.network.NetworkResources;
import io.nioring.internal.select.RingSelectionKey;
import io.nioring.route.Mode;
import java.io.Closeable;
import java.io.IOException;
import java.net.BindException;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.channels.Channel;
import java.util.List;

/**
 * A listening socket of a network that reaches the kernel.
 *
 * <p>Bound to an address of mode {@code hybrid} it also listens in the kernel, through a {@link
 * KernelListener}, and accepts connections from there too. Bound to one of mode {@code kernel} it
 * listens only there.
 */
public final class HybridListeningSocket extends ListeningSocket {
  /**
   * How many connections over rings are accepted at most between two checks of the kernel, each of
   * which costs as much as one such accept.
   */
  private static final int MOST_RING_TURNS = 16;

  private final KernelListener.Opener opener;

  /** The kernel's listening socket; null if there is none. */
  private volatile KernelListener kernel;

  // Under the accept lock.

  /** How many connections over rings may be accepted before the kernel is asked. */
  private int ringTurns;

  /** The number set after the kernel was last asked. */
  private int ringTurnsGiven = 1;

  /** The keys of an unbound socket; null if there are none. Guarded by the state lock. */
  private KeysAwaitingKernel unboundKeys;

  private HybridListeningSocket(
      NetworkResources network,
      AddressFamily family,
      Channel facade,
      OptionValues options,
      KernelListener.Opener opener) {
    super(network, family, facade, options);
    this.opener = opener;
  }

  /**
   * Opens the unbound listening socket of a channel: of this kind if its network reaches the
   * kernel, else one of rings alone.
   *
   * @param facade the object that the program will hold; referenced weakly
   * @throws IllegalStateException if the network was closed
   */
  public static ListeningSocket open(
      NetworkResources network, AddressFamily family, Channel facade) {
    return open(network, family, facade, OptionValues.ofServer(family), new KernelServer.Opening());
  }

  /**
   * Opens an unbound listening socket: of this kind if its network reaches the kernel, else one of
   * rings alone.
   *
   * @param facade the object that the program will hold; referenced weakly
   * @param options the supported options, none of them set
   * @param opener opens the kernel's listener
   * @throws IllegalStateException if the network was closed
   */
  public static ListeningSocket open(
      NetworkResources network,
      AddressFamily family,
      Channel facade,
      OptionValues options,
      KernelListener.Opener opener) {
    ListeningSocket opened =
        network.mayReachKernel()
            ? new HybridListeningSocket(network, family, facade, options, opener)
            : new ListeningSocket(network, family, facade, options);
    return opened.open();
  }

  // -- binding

  @Override
  protected boolean isInKernelToo() {
    return kernel != null;
  }

  @Override
  protected SocketAddress implBind(SocketAddress wanted, int backlog) throws IOException {
    // No switch: its table is a class with an initializer, which a full heap makes fail for good.
    Mode mode = Binder.modeToBind(network(), family(), wanted);
    if (mode == Mode.RING) {
      return listenInRing(wanted, Mode.RING, backlog);
    }
    return mode == Mode.KERNEL ? bindInKernel(wanted, backlog) : bindInBoth(wanted, backlog);
  }

  private SocketAddress bindInBoth(SocketAddress wanted, int backlog) throws IOException {
    if (Binder.isAnyChoice(wanted)) { // not published yet
      return bindToAnyInBoth(wanted, backlog);
    }
    BindGate.Pass pass = network().names().toBind(wanted);
    try {
      return listenInBoth(bindInKernel(wanted, backlog), backlog);
    } finally {
      pass.giveBack();
    }
  }

  /** Asks the kernel for another port while a ring has the one that it chose. */
  private SocketAddress bindToAnyInBoth(SocketAddress wanted, int backlog) throws IOException {
    for (int attempt = 1; ; attempt++) {
      SocketAddress chosen = bindInKernel(wanted, backlog);
      try {
        return listenInBoth(chosen, backlog);
      } catch (BindException e) {
        if (attempt == Binder.MOST_CHOICES) {
          throw e;
        }
      }
    }
  }

  /** Binds in the kernel and returns the assigned address. */
  private SocketAddress bindInKernel(SocketAddress wanted, int backlog) throws IOException {
    KernelListener server =
        opener.bind(network(), family(), wanted, backlog, options().explicit(), poll());
    kernel = server;
    try {
      poll().add(server);
      return server.localAddress();
    } catch (IOException | RuntimeException | Error e) {
      unbindInKernel();
      throw e;
    }
  }

  /** Listens at the kernel's address; if that fails the kernel's socket is closed. */
  private SocketAddress listenInBoth(SocketAddress chosen, int backlog) throws IOException {
    try {
      return listenInRing(chosen, Mode.HYBRID, backlog);
    } catch (IOException | RuntimeException | Error e) {
      unbindInKernel();
      throw e;
    }
  }

  private void unbindInKernel() throws IOException {
    KernelListener server = kernel;
    poll().remove(server);
    kernel = null;
    server.close();
  }

  // -- accepting

  /**
   * {@inheritDoc} While both the ring and the kernel have connections, they take turns. Asking the
   * kernel costs as much as an accept over a ring, so a kernel that had none is asked less and less
   * often.
   */
  @Override
  protected <T extends Closeable> T acceptNow(Acceptor<T> acceptor, boolean everywhere)
      throws IOException {
    KernelListener inKernel = kernel;
    if (inKernel == null) {
      return acceptOverRing(acceptor);
    }
    if (ringTurns > 0) {
      T accepted = acceptOverRing(acceptor);
      if (accepted != null) {
        ringTurns--;
      }
      return accepted != null || !everywhere ? accepted : acceptFromKernel(inKernel, acceptor);
    }
    T accepted = acceptFromKernel(inKernel, acceptor);
    return accepted == null ? acceptOverRing(acceptor) : accepted;
  }

  private <T extends Closeable> T acceptFromKernel(KernelListener inKernel, Acceptor<T> acceptor)
      throws IOException {
    Closeable accepted = null;
    try {
      accepted = inKernel.accept();
    } finally { // even if descriptors have run out: rings need none
      ringTurnsGiven = accepted == null ? Math.min(MOST_RING_TURNS, 2 * ringTurnsGiven) : 1;
      ringTurns = ringTurnsGiven;
    }
    if (accepted == null) {
      return null;
    }
    try {
      network().counters().kernelAccepted();
      return acceptor.throughKernel(accepted);
    } catch (IOException | RuntimeException | Error e) {
      try {
        accepted.close(); // it was not handed out
      } catch (IOException notClosed) {
        e.addSuppressed(notClosed);
      }
      throw e;
    }
  }

  @Override
  protected boolean await(Facade facade, long nanos) throws IOException {
    KernelListener inKernel = kernel;
    if (inKernel == null) {
      return super.await(facade, nanos);
    }
    return inKernel.await(waiting(), facade, nanos);
  }

  // -- options and readiness

  @Override
  protected <T> void optionSet(SocketOption<T> name, T value) throws IOException {
    if (kernel != null) {
      kernel.setOption(name, value);
    }
  }

  @Override
  protected <T> T implOption(SocketOption<T> name) throws IOException {
    return kernel == null ? super.implOption(name) : kernel.option(name);
  }

  @Override
  public int readiness(int wanted) {
    KernelListener inKernel = kernel;
    int bits = inKernel == null ? 0 : inKernel.readiness();
    boolean inKernelAlone = localAddress() != null && !isBoundInRing();
    return inKernelAlone ? bits : bits | super.readiness(wanted);
  }

  // -- keys

  @Override
  public void registered(RingSelectionKey key) throws IOException {
    key.prepareKernel();
    synchronized (stateLock()) {
      if (localAddress() == null) {
        if (unboundKeys == null) {
          unboundKeys = new KeysAwaitingKernel();
        }
        unboundKeys.add(key);
        return;
      }
    }
    attach(key);
  }

  /** Attaches the keys of a newly bound socket to the kernel's socket. */
  @Override
  protected void bound() throws IOException {
    List<RingSelectionKey> following;
    synchronized (stateLock()) {
      following = unboundKeys == null ? List.of() : unboundKeys.take();
      unboundKeys = null;
    }
    for (RingSelectionKey key : following) {
      if (key.isValid()) {
        attach(key);
      }
    }
  }

  private void attach(RingSelectionKey key) throws IOException {
    KernelListener inKernel = kernel;
    if (inKernel != null) {
      inKernel.registered(key);
    }
  }

  // -- the end

  /**
   * {@inheritDoc} The kernel's socket is closed first: while it is open, a client of this JVM that
   * no longer finds a listener over a ring asks the kernel, and a TCP connect that races with the
   * close there may stay connected to no one.
   */
  @Override
  protected void free() throws IOException {
    try {
      KernelListener server = kernel;
      if (server != null) {
        server.close();
      }
    } finally {
      super.free();
    }
  }
}
