package io.nioring.internal.net;

import io.nioring.internal.blocking.Facade;
import io.nioring.internal.core.KernelWay;
import io.nioring.internal.network.AddressFamily;
import io.nioring.internal.network.NetworkResources;
import io.nioring.internal.network.TrafficCounters;
import io.nioring.internal.platform.PlatformOptions;
import io.nioring.internal.poll.VirtualThreads;
import io.nioring.internal.time.Deadline;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.lang.ref.Reference;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketOption;
import java.util.Map;

/**
 * The way of a plain socket through the kernel: a {@link Socket} with the platform's own
 * implementation, to which it delegates.
 *
 * <p>While a thread is in an operation that may block, the facade stays reachable even if it is not
 * used afterwards: the registry closes the socket of a facade that was collected. Takes none of our
 * locks.
 */
final class KernelPlainSocket implements KernelWay {
  private final Socket socket;
  private final TrafficCounters counters;

  private volatile InputStream input;
  private volatile OutputStream output;
  private volatile int timeoutMillis;

  private KernelPlainSocket(Socket socket, TrafficCounters counters) {
    this.socket = socket;
    this.counters = counters;
  }

  /** For a socket that the platform's server has accepted. */
  static KernelPlainSocket accepted(Socket socket, TrafficCounters counters) throws IOException {
    KernelPlainSocket made = new KernelPlainSocket(socket, counters);
    made.openStreams();
    return made;
  }

  /** Opens an unconnected one; see {@link KernelWay.Opener}. */
  static KernelWay open(NetworkResources network, AddressFamily family) throws IOException {
    return new KernelPlainSocket(new PlatformSocket(), network.counters());
  }

  @Override
  public void apply(Map<SocketOption<?>, Object> options) throws IOException {
    PlatformOptions.apply(options, socket.supportedOptions(), socket::setOption);
  }

  @Override
  public boolean connect(Facade ours, SocketAddress remote, Deadline deadline) throws IOException {
    try {
      socket.connect(remote, deadline == Deadline.NONE ? 0 : deadline.remainingMillis());
      openStreams();
      counters.kernelConnected();
      return true;
    } finally {
      Reference.reachabilityFence(ours);
    }
  }

  @Override
  public int read(Facade ours, byte[] bytes, int offset, int length, int timeout)
      throws IOException {
    try {
      if (timeout != timeoutMillis) {
        setTimeout(timeout);
      }
      return input().read(bytes, offset, length);
    } catch (SocketException e) {
      throw endedByInterrupt(e);
    } finally {
      Reference.reachabilityFence(ours);
    }
  }

  private void setTimeout(int millis) throws SocketException {
    try {
      socket.setSoTimeout(millis);
      timeoutMillis = millis;
    } catch (SocketException e) {
      if (!socket.isClosed()) {
        throw e;
      }
      // The read reports that the socket is closed, with the exception of a read.
    }
  }

  @Override
  public int write(Facade ours, byte[] bytes, int offset, int length) throws IOException {
    try {
      output().write(bytes, offset, length);
      return length;
    } catch (SocketException e) {
      throw endedByInterrupt(e);
    } finally {
      Reference.reachabilityFence(ours);
    }
  }

  /** An interrupt of a virtual thread has closed the platform's socket: let it close ours. */
  private IOException endedByInterrupt(SocketException e) {
    if (!VirtualThreads.isCurrent() || !Thread.currentThread().isInterrupted()) {
      return e;
    }
    IOException interrupted = new InterruptedIOException(e.getMessage());
    interrupted.initCause(e);
    return interrupted;
  }

  @Override
  public void writeUrgent(Facade ours, byte data) throws IOException {
    try {
      socket.sendUrgentData(data);
    } finally {
      Reference.reachabilityFence(ours);
    }
  }

  @Override
  public void openInput() throws IOException {
    input();
  }

  /**
   * Takes the platform's streams while they are available: a shut or closed socket returns none.
   */
  private void openStreams() throws IOException {
    try {
      input();
      output();
    } catch (SocketException e) {
      if (!socket.isClosed()) {
        throw e;
      }
      // Another thread has closed it, which the next operation reports.
    }
  }

  private InputStream input() throws IOException {
    InputStream present = input;
    if (present == null) {
      present = socket.getInputStream();
      input = present;
    }
    return present;
  }

  private OutputStream output() throws IOException {
    OutputStream present = output;
    if (present == null) {
      present = socket.getOutputStream();
      output = present;
    }
    return present;
  }

  @Override
  public int available() throws IOException {
    return input().available();
  }

  @Override
  public void takeUrgentInline(boolean on) throws SocketException {
    socket.setOOBInline(on);
  }

  @Override
  public boolean finishConnect(Facade ours) {
    return true; // a plain socket's connect waits for its end
  }

  /** Whether a connect can be begun without its end: the platform's plain sockets cannot. */
  @Override
  public boolean isBlocking() {
    return false;
  }

  @Override
  public boolean connectWaits() {
    return true;
  }

  @Override
  public void configureBlocking(boolean block) {
    // A plain socket always blocks.
  }

  @Override
  public boolean isConnected() {
    return socket.isConnected();
  }

  @Override
  public boolean isConnectionPending() {
    return false;
  }

  @Override
  public void bind(SocketAddress local) throws IOException {
    socket.bind(local);
  }

  @Override
  public SocketAddress localAddress() {
    return socket.getLocalSocketAddress();
  }

  @Override
  public SocketAddress remoteAddress() {
    return socket.getRemoteSocketAddress();
  }

  @Override
  public SocketAddress lastLocalAddress() {
    return socket.getLocalSocketAddress();
  }

  @Override
  public SocketAddress lastRemoteAddress() {
    return socket.getRemoteSocketAddress();
  }

  @Override
  public <T> void setOption(SocketOption<T> name, T value) throws IOException {
    socket.setOption(name, value);
  }

  @Override
  public <T> T option(SocketOption<T> name) throws IOException {
    return socket.getOption(name);
  }

  @Override
  public void shutdownInput() throws IOException {
    socket.shutdownInput();
  }

  @Override
  public void shutdownOutput() throws IOException {
    socket.shutdownOutput();
  }

  @Override
  public boolean isInputShut() {
    return socket.isInputShutdown();
  }

  @Override
  public boolean isOutputShut() {
    return socket.isOutputShutdown();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }

  @Override
  public String toString() {
    return socket.toString();
  }
}
