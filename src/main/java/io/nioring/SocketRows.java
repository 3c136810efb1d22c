package io.nioring;

import io.nioring.internal.core.OptionValues;
import io.nioring.internal.core.SocketSnapshot;
import io.nioring.internal.stream.Endpoint;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.RandomAccess;
import java.util.stream.IntStream;

/**
 * The rows of a table of sockets, by connection, the client before the server; they become entries
 * when they are looked at.
 *
 * <p>A large table is held by who reads it for as long as a collection or two take, and a collector
 * stops all threads while it copies what it meets. So a connected socket has no object here: the
 * figures are in arrays of longs, large enough for G1 to leave them in place, and small enough to
 * be cleared, while no thread can be stopped, in a fraction of a millisecond. A row that is not
 * like most others is an object.
 *
 * <p>Filled by one thread, then {@linkplain #sort sorted}, and not changed any more.
 */
final class SocketRows extends AbstractList<SocketEntry> implements RandomAccess {
  /** So that the figures of a piece fill a region of 1 MiB, G1's smallest. */
  private static final int PIECE_ROWS = 20 << 10;

  private static final int FEWEST_ROWS = 16;

  private static final int FIGURES = 6;
  private static final int SENT = 0;
  private static final int RECEIVED = 1;
  private static final int QUEUES = 2;
  private static final int MEMORY_AND_SELECTOR = 3;
  private static final int AGE_AND_FLAGS = 4;
  private static final int WAITING = 5;

  /** Ages are known to 67 ms. */
  private static final int AGE_SHIFT = 26;

  // The flags: ready operations, interest, state, single bits.

  private static final int OPS_BITS = 5;
  private static final int OPS = (1 << OPS_BITS) - 1;
  private static final int STATE_SHIFT = 2 * OPS_BITS;
  private static final int STATE = 7;
  private static final int CLIENT = 1 << 13;
  private static final int UNIX = 1 << 14;
  private static final int INET6 = 1 << 15;
  private static final int FOR_OUTPUT = 1 << 16;

  private static final SocketSnapshot.State[] STATES = SocketSnapshot.State.values();

  /** Some of the rows. Arrays for what few have exist once a row has it. */
  private static final class Piece {
    /** The end that a row is about, or a row that is an object. */
    private Object[] subjects;

    private long[] figures;
    private OptionValues[] options;
    private Thread[] waiting;

    Piece(int rows) {
      subjects = new Object[rows];
      figures = new long[FIGURES * rows];
    }

    void makeRoom(int index) {
      int rows = subjects.length;
      if (index == rows) {
        rows = Math.min(PIECE_ROWS, 2 * rows);
        subjects = Arrays.copyOf(subjects, rows);
        figures = Arrays.copyOf(figures, FIGURES * rows);
        options = options == null ? null : Arrays.copyOf(options, rows);
        waiting = waiting == null ? null : Arrays.copyOf(waiting, rows);
      }
    }

    void put(int index, SocketSnapshot row) {
      int first = FIGURES * index;
      subjects[index] = row.end;
      figures[first + SENT] = row.bytesSent;
      figures[first + RECEIVED] = row.bytesReceived;
      figures[first + QUEUES] = pair((int) row.receiveQueue, (int) row.sendQueue);
      figures[first + MEMORY_AND_SELECTOR] = pair((int) row.memoryBytes, row.selector);
      figures[first + AGE_AND_FLAGS] = pair((int) (row.ageNanos >> AGE_SHIFT), flagsOf(row));
      figures[first + WAITING] = row.waitingNanos;
      if (row.optionsSet != null) {
        options = options == null ? new OptionValues[subjects.length] : options;
        options[index] = row.optionsSet;
      }
      if (row.waiting != null) {
        waiting = waiting == null ? new Thread[subjects.length] : waiting;
        waiting[index] = row.waiting;
      }
    }

    SocketSnapshot get(int index) {
      if (subjects[index] instanceof SocketSnapshot row) {
        return row;
      }
      int first = FIGURES * index;
      SocketSnapshot row = new SocketSnapshot();
      row.takeConstants((Endpoint) subjects[index]);
      row.bytesSent = figures[first + SENT];
      row.bytesReceived = figures[first + RECEIVED];
      row.receiveQueue = high(figures[first + QUEUES]);
      row.sendQueue = low(figures[first + QUEUES]);
      row.memoryBytes = Integer.toUnsignedLong(high(figures[first + MEMORY_AND_SELECTOR]));
      row.selector = low(figures[first + MEMORY_AND_SELECTOR]);
      row.ageNanos = (long) high(figures[first + AGE_AND_FLAGS]) << AGE_SHIFT;
      takeFlags(row, low(figures[first + AGE_AND_FLAGS]));
      row.waitingNanos = figures[first + WAITING];
      row.optionsSet = options == null ? null : options[index];
      row.waiting = waiting == null ? null : waiting[index];
      return row;
    }

    Endpoint endOf(int index) {
      return subjects[index] instanceof SocketSnapshot row ? row.end : (Endpoint) subjects[index];
    }

    /** The connection's number, and a bit for the server's end. */
    long keyOf(int index) {
      if (subjects[index] instanceof Endpoint end) {
        return end.number() << 1 | (end.isClient() ? 0 : 1);
      }
      SocketSnapshot row = (SocketSnapshot) subjects[index];
      return row.connection << 1 | (row.isOfClient() ? 0 : 1);
    }

    private static long pair(int high, int low) {
      return (long) high << Integer.SIZE | Integer.toUnsignedLong(low);
    }

    private static int high(long pair) {
      return (int) (pair >> Integer.SIZE);
    }

    private static int low(long pair) {
      return (int) pair;
    }

    @SuppressWarnings("EnumOrdinal") // only for this table, which takes it back by STATES
    private static int flagsOf(SocketSnapshot row) {
      return row.readyOps
          | row.interestOps << OPS_BITS
          | row.state.ordinal() << STATE_SHIFT
          | (row.client ? CLIENT : 0)
          | (row.unix ? UNIX : 0)
          | (row.inet6 ? INET6 : 0)
          | (row.waitingForOutput ? FOR_OUTPUT : 0);
    }

    private static void takeFlags(SocketSnapshot row, int flags) {
      row.readyOps = flags & OPS;
      row.interestOps = flags >> OPS_BITS & OPS;
      row.state = STATES[flags >> STATE_SHIFT & STATE];
      row.client = (flags & CLIENT) != 0;
      row.unix = (flags & UNIX) != 0;
      row.inet6 = (flags & INET6) != 0;
      row.waitingForOutput = (flags & FOR_OUTPUT) != 0;
    }
  }

  private final List<Piece> pieces = new ArrayList<>();
  private final int expected;

  private int size;

  /** As {@link #sorted}; null before. */
  private long[] order;

  private long rowMask;

  /**
   * Makes an empty table.
   *
   * @param expected about how many rows there will be
   */
  SocketRows(int expected) {
    this.expected = expected;
  }

  /**
   * Adds a row.
   *
   * @return whether the row may be filled in again; otherwise the table holds it
   */
  boolean add(SocketSnapshot row) {
    int index = size % PIECE_ROWS;
    if (index == 0) {
      pieces.add(new Piece(Math.max(FEWEST_ROWS, Math.min(PIECE_ROWS, expected - size))));
    }
    Piece piece = pieces.get(pieces.size() - 1);
    piece.makeRoom(index);
    boolean isCopied = isLikeMost(row);
    if (isCopied) {
      piece.put(index, row);
    } else {
      piece.subjects[index] = row;
    }
    size++;
    return isCopied;
  }

  private static boolean isLikeMost(SocketSnapshot row) {
    return row.end != null
        && row.opening == null
        && row.faults.isEmpty()
        && row.sentAgoNanos < 0
        && row.receivedAgoNanos < 0;
  }

  /** Adds the server ends that have no row, and puts all rows into their order. */
  void sort() {
    long[] sorted = sorted();
    order = addNotAccepted(sorted) ? sorted() : sorted;
  }

  /**
   * The rows in their order: the low bits of each element, behind the connection and the end that
   * it is sorted by.
   */
  private long[] sorted() {
    int bits = Integer.SIZE - Integer.numberOfLeadingZeros(size);
    rowMask = (1L << bits) - 1;
    long[] keys = new long[size];
    long greatest = 0;
    for (int row = 0; row < size; row++) {
      keys[row] = keyOf(row);
      greatest = Math.max(greatest, keys[row]);
    }
    if (greatest > Long.MAX_VALUE >> bits) {
      return sortedByLongKeys(keys);
    }
    for (int row = 0; row < size; row++) {
      keys[row] = keys[row] << bits | row;
    }
    Arrays.sort(keys);
    return keys;
  }

  /** After so many connections that a key and a row do not fit into one word. */
  private static long[] sortedByLongKeys(long[] keys) {
    return IntStream.range(0, keys.length)
        .boxed()
        .sorted(Comparator.comparingLong(row -> keys[row]))
        .mapToLong(Integer::longValue)
        .toArray();
  }

  /**
   * Adds the server ends in backlogs: no channel has them yet, and only their peers lead to them.
   */
  private boolean addNotAccepted(long[] sorted) {
    int before = size;
    for (int i = 0; i < sorted.length; i++) {
      Endpoint end = endOf(rowAt(sorted, i));
      if (end != null && end.isClient()) {
        Endpoint next = i + 1 < sorted.length ? endOf(rowAt(sorted, i + 1)) : null;
        Endpoint server = end.peer();
        if (server != end && server != next && !server.isClosed()) {
          add(SocketSnapshot.of(server));
        }
      }
    }
    return size > before;
  }

  private int rowAt(long[] sorted, int index) {
    return (int) (sorted[index] & rowMask);
  }

  private long keyOf(int row) {
    return pieces.get(row / PIECE_ROWS).keyOf(row % PIECE_ROWS);
  }

  /** The end of a connection that a row is about; null if there is none. */
  private Endpoint endOf(int row) {
    return pieces.get(row / PIECE_ROWS).endOf(row % PIECE_ROWS);
  }

  @Override
  public SocketEntry get(int index) {
    int row = rowAt(order, Objects.checkIndex(index, size));
    return new SocketEntry(pieces.get(row / PIECE_ROWS).get(row % PIECE_ROWS));
  }

  @Override
  public int size() {
    return size;
  }
}
