#include "app/run.h"

int main(int argc, char** argv) {
  return heare::app::run(argc, argv);
}
