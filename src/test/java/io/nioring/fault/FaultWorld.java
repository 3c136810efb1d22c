package io.nioring.fault;

import io.nioring.RingNetwork;
import io.nioring.RingSelectorProvider;
import io.nioring.testkit.Deadline;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** What a case works on: a network, what is open on it, and the addresses to use. */
class FaultWorld {
  private static final long WAIT_SECONDS = 10;

  private final Queue<Closeable> opened = new ConcurrentLinkedQueue<>();
  private final List<FutureTask<?>> waiting = new ArrayList<>();
  private final List<Reader> readers = new ArrayList<>();

  /** Closes the servers of clients that were not accepted. */
  private final List<Closeable> unaccepted = new ArrayList<>();

  /** Who waits for bytes, until they come or their writer has closed. */
  private record Reader(FutureTask<?> task, BooleanSupplier isEnded) {}

  RingNetwork network;
  RingSelectorProvider provider;
  InetSocketAddress address;
  UnixDomainSocketAddress path;

  /** Where the next client connects to. */
  SocketAddress target;

  /** Whether addresses are the kernel's too. */
  boolean inKernel;

  final void enter(RingNetwork in, boolean kernel, InetSocketAddress at, Path file) {
    network = in;
    provider = in.provider();
    inKernel = kernel;
    address = at;
    target = at;
    path = UnixDomainSocketAddress.of(file);
  }

  /** Has something closed with the rest. */
  final <C extends Closeable> C opened(C channel) {
    opened.add(channel);
    return channel;
  }

  /** Lets the next client connect to a server of the kernel's. */
  final void outside() throws IOException {
    ServerSocket outside = opened(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()));
    target = outside.getLocalSocketAddress();
  }

  /** An address of this machine's for any port. */
  final InetSocketAddress anyPort() {
    return new InetSocketAddress(address.getAddress(), 0);
  }

  /**
   * Starts what waits for bytes, and waits until it does.
   *
   * @param isEnded whether the writer has closed
   */
  final void reading(Callable<?> body, BooleanSupplier isEnded) {
    readers.add(new Reader(inBackground("reader", body), isEnded));
  }

  /**
   * Starts a client that reads what it gets of who accepts it; it knows of the end if nobody has,
   * and the server is closed.
   */
  final void readingUnlessAccepted(Callable<?> body, BooleanSupplier isAccepted, Closeable server) {
    FutureTask<?> task = new FutureTask<>(body);
    start("reader", task);
    readers.add(new Reader(task, () -> !isAccepted.getAsBoolean()));
    unaccepted.add(
        () -> {
          if (!isAccepted.getAsBoolean()) {
            server.close();
          }
        });
  }

  /** Starts what waits, and waits until it does. */
  final FutureTask<?> inBackground(String what, Callable<?> body) {
    FutureTask<?> task = new FutureTask<>(body);
    Thread thread = start(what, task);
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_SECONDS);
    while (!task.isDone() && !isWaiting(thread.getState()) && System.nanoTime() - deadline < 0) {
      Thread.onSpinWait();
    }
    return task;
  }

  private Thread start(String what, FutureTask<?> task) {
    Thread thread = new Thread(task, what);
    thread.setDaemon(true);
    thread.start();
    waiting.add(task);
    return thread;
  }

  private static boolean isWaiting(Thread.State state) {
    return state == Thread.State.WAITING || state == Thread.State.TIMED_WAITING;
  }

  /** Who waits for bytes has got those that were taken from their writer, or knows of the end. */
  final void checkNobodyIsDeaf() throws IOException {
    for (Closeable each : unaccepted) {
      each.close();
    }
    Deadline.await("the readers have read", () -> readers.stream().allMatch(this::hasNoNews));
  }

  private boolean hasNoNews(Reader reader) {
    return reader.task.isDone()
        || (!reader.isEnded.getAsBoolean()
            && network.sockets().stream().allMatch(end -> end.receiveQueue() == 0));
  }

  /** Closes all but the network. */
  final void close() throws Exception {
    for (Closeable each : opened) {
      each.close();
    }
    for (FutureTask<?> task : waiting) {
      awaitEnd(task);
    }
    Files.deleteIfExists(path.getPath());
  }

  private static void awaitEnd(FutureTask<?> task) throws Exception {
    try {
      task.get(WAIT_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      return; // of the close, or of the failure
    }
  }
}
