package io.nioring.contract;

import java.io.IOException;
import java.net.SocketException;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NetworkChannel;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;

/**
 * One side of a comparison with the kernel: some channels and selectors, named by numbers, and the
 * operations on them. Each operation tells as a text all that a program could see of its outcome,
 * so that the outcomes of two worlds can be compared.
 */
final class ComparisonWorld implements LockStep.World {
  private final TestTransport transport;
  private final List<SelectableChannel> channels = new ArrayList<>();
  private final List<Selector> selectors = new ArrayList<>();
  private final ServerSocketChannel listener;

  /** Null where every call's effects are complete when it returns. */
  private final SettlingConnection settling;

  /** Makes a world of a listener, which is channel 0, and some selectors. */
  ComparisonWorld(TestTransport transport, int backlog, int selectorCount) throws IOException {
    this.transport = transport;
    this.listener = transport.listen(backlog);
    this.settling =
        transport.isRing() || transport.isUnix() ? null : new SettlingConnection(transport);
    listener.configureBlocking(false);
    channels.add(listener);
    for (int i = 0; i < selectorCount; i++) {
      selectors.add(transport.openSelector());
    }
  }

  /** Opens and connects a client; the channel gets the next number whatever came of it. */
  String connect() throws IOException {
    SocketChannel client = openClient();
    return outcome(
        () -> {
          boolean connected = client.connect(listener.getLocalAddress());
          transport.settle();
          connected = connected || client.finishConnect();
          return "connected " + connected;
        });
  }

  /** Opens a client and begins to connect it. */
  String beginConnect() throws IOException {
    SocketChannel client = openClient();
    return outcome(() -> "connected " + client.connect(listener.getLocalAddress()));
  }

  private SocketChannel openClient() throws IOException {
    SocketChannel client = transport.openNonBlockingClient();
    channels.add(client);
    sendAtOnce(client);
    return client;
  }

  /** Without this a small write may wait for the answer to the one before it. */
  private void sendAtOnce(SocketChannel channel) throws IOException {
    if (!transport.isUnix()) {
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    }
  }

  /** Accepts a connection, which gets the next number. */
  String accept() {
    return outcome(
        () -> {
          SocketChannel accepted = transport.accept(listener);
          if (accepted == null) {
            return "nothing";
          }
          String blocking = accepted.isBlocking() ? " blocking" : " non-blocking";
          accepted.configureBlocking(false);
          sendAtOnce(accepted);
          channels.add(accepted);
          return "accepted" + blocking;
        });
  }

  String write(int channel, byte[] bytes, boolean direct) {
    ByteBuffer buffer = buffer(bytes.length, direct).put(bytes).flip();
    return outcome(() -> socket(channel).write(buffer)) + " left " + buffer.remaining();
  }

  String gather(int channel, byte[][] parts, int offset, int length) {
    ByteBuffer[] buffers = new ByteBuffer[parts.length];
    for (int i = 0; i < parts.length; i++) {
      buffers[i] = buffer(parts[i].length, i % 2 == 0).put(parts[i]).flip();
    }
    return outcome(() -> socket(channel).write(buffers, offset, length))
        + " left "
        + Arrays.stream(buffers).mapToInt(ByteBuffer::remaining).boxed().toList();
  }

  String read(int channel, int size, boolean direct) {
    ByteBuffer buffer = buffer(size, direct);
    return outcome(() -> socket(channel).read(buffer)) + " bytes " + digest(buffer);
  }

  String scatter(int channel, int[] sizes, int offset, int length) {
    ByteBuffer[] buffers = new ByteBuffer[sizes.length];
    for (int i = 0; i < sizes.length; i++) {
      buffers[i] = buffer(sizes[i], i % 2 == 0);
    }
    return outcome(() -> socket(channel).read(buffers, offset, length))
        + " bytes "
        + Arrays.stream(buffers).map(ComparisonWorld::digest).toList();
  }

  /** Reads until nothing comes. */
  String drain(int channel) {
    ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
    return outcome(
            () -> {
              int last = 1;
              while (last > 0) {
                last = socket(channel).read(buffer);
              }
              return last;
            })
        + " bytes "
        + digest(buffer);
  }

  String shutdownInput(int channel) {
    return outcome(() -> socket(channel).shutdownInput() == channels.get(channel));
  }

  String shutdownOutput(int channel) {
    return outcome(() -> socket(channel).shutdownOutput() == channels.get(channel));
  }

  /** Sets the option by which a close is a reset, whatever came of that, and closes. */
  String closeWithReset(int channel) {
    return outcome(() -> socket(channel).setOption(StandardSocketOptions.SO_LINGER, 0) != null)
        + ", "
        + close(channel);
  }

  String close(int channel) {
    return outcome(
        () -> {
          channels.get(channel).close();
          return "closed";
        });
  }

  String connectAgain(int channel) {
    return outcome(() -> socket(channel).connect(listener.getLocalAddress()));
  }

  String finishConnect(int channel) {
    return outcome(() -> socket(channel).finishConnect());
  }

  String bindAgain(int channel) {
    return outcome(
        () -> {
          SelectableChannel each = channels.get(channel);
          return (each instanceof ServerSocketChannel server
                  ? server.bind(null)
                  : socket(channel).bind(null))
              == each;
        });
  }

  /** Becomes blocking and non-blocking again. */
  String toggleBlocking(int channel) {
    SelectableChannel each = channels.get(channel);
    return outcome(() -> each.configureBlocking(true) == each)
        + ", "
        + outcome(() -> each.configureBlocking(false) == each);
  }

  String state(int channel) {
    SelectableChannel each = channels.get(channel);
    String common =
        "open %b registered %b blocking %b valid ops %d"
            .formatted(each.isOpen(), each.isRegistered(), each.isBlocking(), each.validOps());
    if (each instanceof SocketChannel socket) {
      return "%s connected %b pending %b remote %s local %s"
          .formatted(
              common,
              socket.isConnected(),
              socket.isConnectionPending(),
              outcome(() -> socket.getRemoteAddress() != null),
              outcome(() -> socket.getLocalAddress() != null));
    }
    return common + " local " + outcome(() -> listener.getLocalAddress() != null);
  }

  String addresses(int channel) {
    return outcome(() -> name(socket(channel).getLocalAddress().toString()))
        + ", "
        + outcome(() -> name(socket(channel).getRemoteAddress().toString()));
  }

  private String name(String address) throws IOException {
    return listener.isOpen() && address.equals(listener.getLocalAddress().toString())
        ? "the listener"
        : address.isEmpty() ? "unnamed" : "a name";
  }

  <T> String setOption(int channel, SocketOption<T> option, T value) {
    return outcome(
        () -> {
          NetworkChannel each = (NetworkChannel) channels.get(channel);
          return each.setOption(option, value).getOption(option);
        });
  }

  String hasOption(int channel, SocketOption<?> option) {
    return outcome(() -> ((NetworkChannel) channels.get(channel)).getOption(option) != null);
  }

  String register(int channel, int selector, int ops) {
    return outcome(
        () -> {
          SelectableChannel each = channels.get(channel);
          SelectionKey before = each.keyFor(selectors.get(selector));
          SelectionKey key = each.register(selectors.get(selector), ops, channel);
          return "%s key, interest %d".formatted(key == before ? "same" : "new", key.interestOps());
        });
  }

  String interestOps(int channel, int selector, int ops) {
    return onKey(channel, selector, key -> key.interestOps(ops).interestOps());
  }

  String interestOpsOr(int channel, int selector, int ops) {
    return onKey(channel, selector, key -> key.interestOpsOr(ops));
  }

  String interestOpsAnd(int channel, int selector, int ops) {
    return onKey(channel, selector, key -> key.interestOpsAnd(ops));
  }

  String cancel(int channel, int selector) {
    return onKey(
        channel,
        selector,
        key -> {
          key.cancel();
          return key.isValid();
        });
  }

  String keyState(int channel, int selector) {
    return onKey(channel, selector, SelectionKey::isValid)
        + " interest "
        + onKey(channel, selector, SelectionKey::interestOps)
        + " ready "
        + onKey(channel, selector, key -> isSelected(key) ? key.readyOps() : "unknown");
  }

  private static boolean isSelected(SelectionKey key) {
    return key.selector().selectedKeys().contains(key);
  }

  private String onKey(int channel, int selector, KeyFunction function) {
    SelectionKey key = channels.get(channel).keyFor(selectors.get(selector));
    return key == null ? "no key" : outcome(() -> function.apply(key));
  }

  String selectNow(int selector) {
    Selector each = selectors.get(selector);
    return outcome(each::selectNow)
        + " selected "
        + readySets(each.selectedKeys())
        + " of "
        + each.keys().size();
  }

  void selectAll() throws IOException {
    for (Selector selector : selectors) {
      selector.selectNow();
    }
  }

  /**
   * Starts with nothing selected: the ready set of a selected key that epoll reports for nothing
   * that it asked for is emptied by the platform, which is an accident of its event loop.
   */
  String selectNowWithAction(int selector) {
    Selector each = selectors.get(selector);
    each.selectedKeys().clear();
    List<SelectionKey> seen = new ArrayList<>();
    return outcome(() -> each.selectNow(seen::add)) + " seen " + readySets(seen);
  }

  String clearSelected(int selector) {
    selectors.get(selector).selectedKeys().clear();
    return "cleared";
  }

  String removeSelected(int channel, int selector) {
    Selector each = selectors.get(selector);
    SelectionKey key = channels.get(channel).keyFor(each);
    return outcome(() -> each.selectedKeys().remove(key));
  }

  private static String readySets(Iterable<SelectionKey> keys) {
    Map<Integer, String> ready = new TreeMap<>();
    for (SelectionKey key : keys) {
      ready.put(
          (Integer) key.attachment(), key.isValid() ? Integer.toString(key.readyOps()) : "invalid");
    }
    return ready.toString();
  }

  /** Waits until the kernel has done what it does after a call returned. */
  @Override
  public void settle() throws IOException {
    if (settling != null) {
      settling.settle();
    }
    transport.settle();
  }

  private SocketChannel socket(int channel) {
    return (SocketChannel) channels.get(channel);
  }

  @Override
  public void close() throws IOException {
    for (SelectableChannel channel : channels) {
      channel.close();
    }
    for (Selector selector : selectors) {
      selector.close();
    }
  }

  private static ByteBuffer buffer(int size, boolean direct) {
    return direct ? ByteBuffer.allocateDirect(size) : ByteBuffer.allocate(size);
  }

  /** The number of bytes read and a checksum of them. */
  private static String digest(ByteBuffer buffer) {
    ByteBuffer read = buffer.duplicate().flip();
    return read.remaining() + "/" + Integer.toHexString(read.hashCode());
  }

  /**
   * What came of a call, as a text. Failures are told by class and message. The platform may say
   * {@code AsynchronousCloseException} where {@code ClosedChannelException} would do, and a path
   * whose listener is gone is a refused connect whether a file is left or not.
   */
  private static String outcome(Callable<?> call) {
    try {
      return String.valueOf(call.call());
    } catch (ClosedChannelException e) {
      return ClosedChannelException.class.getSimpleName();
    } catch (SocketException e) {
      return String.valueOf(e.getMessage()).startsWith("No such file")
          ? "ConnectException: Connection refused"
          : e.getClass().getSimpleName() + ": " + e.getMessage();
    } catch (IOException e) {
      return e.getClass().getSimpleName() + ": " + e.getMessage();
    } catch (Exception e) {
      return e.getClass().getSimpleName();
    }
  }

  /** Something that is asked of a key. */
  @FunctionalInterface
  private interface KeyFunction {
    Object apply(SelectionKey key);
  }
}
