#!/bin/bash
# A study on several nodes at once: a Dask scheduler, a worker on each node, and the command that asks them.
#
#     sbatch scheduler.sh my_study.toml results
#
# Given again after the time is over, it goes on where it was.
#
#SBATCH --job-name=study
#SBATCH --nodes=4
#SBATCH --ntasks-per-node=1
#SBATCH --cpus-per-task=8
#SBATCH --mem=16G
#SBATCH --time=12:00:00
#SBATCH --output=study_%j.txt
set -eu
study=$1
out=$2
file=$PWD/scheduler-$SLURM_JOB_ID.json

# Networks are compiled for the processor of each node, on its own disk.
export WORKBENCH_CACHE=${SLURM_TMPDIR:-/tmp}/workbench-$(id -u)

# The scheduler runs where this script does, on the first node.
dask scheduler --scheduler-file "$file" --port 0 --no-dashboard &
scheduler=$!
# As many runs at a time on each node as it has processors for the job; memory is SLURM's to watch. Workers that were
# killed are started again.
until srun --cpus-per-task="$SLURM_CPUS_PER_TASK" dask worker --scheduler-file "$file" \
  --nthreads "$SLURM_CPUS_PER_TASK" --memory-limit 0 --no-dashboard --local-directory "${SLURM_TMPDIR:-/tmp}"; do
  sleep 10
done &
workers=$!
trap 'kill $workers $scheduler 2> /dev/null || true; rm -f "$file"' EXIT

until [ -s "$file" ]; do
  kill -0 $scheduler
  sleep 1
done
workbench run "$study" --out "$out" --scheduler "$file"
